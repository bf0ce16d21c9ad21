/**
 * Compares before a write: does the session belong to the caller, and is the stored session still what they saw? If
 * not, the write is refused.
 */
import type { NoSession } from "../../protocol/messages.ts";
import type { ProvenKey, ReadResult, Source, StoredView, WriteResult } from "../../sources/source.ts";
import { Refused } from "../answers.ts";
import type { Digests } from "../redaction/digests.ts";
import type { Proofs } from "./proof.ts";
import { toState } from "./reads.ts";

/**
 * The key that a caller has shown for a write.
 *
 * @throws Refused when the key is not proven; a key under which nothing is stored looks like one whose session has
 * expired
 */
export async function requireProven(proofs: Proofs, possession: string): Promise<ProvenKey> {
  const proven = await proofs.prove(possession);
  if (proven.key !== null) return proven.key;
  if (proven.isGone === true) throw gone();
  throw new Refused("not-possessed", NOT_PROVEN[proven.reason]);
}

const NO_KEY = "The cookie's value is not a session key of this server.";
const NOT_PROVEN: Record<NoSession, string> = {
  "no-cookie": NO_KEY,
  unknown: NO_KEY,
  tampered: NO_KEY,
  unproven:
    "The server has not seen this cookie in a request yet. To edit the session, reload the page and try again.",
};

/**
 * The stored session that the caller saw.
 *
 * @throws Refused when there is no session, or it has a different version
 */
export async function readExpected(
  { source, digests }: { source: Source; digests: Digests },
  { key, ifVersion }: { key: ProvenKey; ifVersion: string },
): Promise<StoredView> {
  const read = await source.read(key);
  if (!read.found) throw gone();
  if (digests.version(read.view.key, read.view.stored) !== ifVersion) throw conflict(read.view, digests);
  return read.view;
}

/**
 * The string that is stored now, if it has that version; null when nothing is stored.
 *
 * @param version null to expect nothing
 * @param isOver true when that version has expired: finding nothing is then fine, too
 * @throws Refused when something else is stored
 */
export async function readExpectedText(
  reading: Promise<ReadResult>,
  { version, isOver }: { version: string | null; isOver: boolean },
  digests: Digests,
): Promise<string | null> {
  const read = await reading;
  if (!read.found) {
    if (version === null || isOver) return null;
    throw gone();
  }
  if (digests.version(read.view.key, read.view.stored) !== version) throw conflict(read.view, digests);
  return read.view.stored;
}

/** The refusal of a write that the source did not make. */
export function toRefusal(result: Extract<WriteResult, { ok: false }>, digests: Digests): Refused {
  if (result.reason === "unfit") return new Refused("malformed", result.why);
  return result.reason === "conflict" ? conflict(result.now, digests) : gone();
}

function conflict(now: StoredView, digests: Digests): Refused {
  return new Refused("conflict", "The session has changed since you read it.", toState(now, digests));
}

function gone(): Refused {
  return new Refused("gone", "There is no longer a session for this cookie.");
}
