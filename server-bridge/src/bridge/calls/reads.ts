/**
 * The calls that only read: `hello` and `session`. They query the source outside any request, so nothing is touched.
 */

import { shortenKey } from "../../core/session/key.ts";
import {
  type Capability,
  type HelloAnswer,
  PROTOCOL_VERSION,
  type SessionAnswer,
  type SessionState,
} from "../../protocol/messages.ts";
import type { Source, StoredView } from "../../sources/source.ts";
import type { Digests } from "../redaction/digests.ts";
import type { Proofs } from "./proof.ts";
import { seal } from "./seal.ts";
import { withinStoreLimit } from "./store-limit.ts";

const EDITING: readonly Capability[] = ["edit", "expiry", "cycle", "flush", "restore", "end-others"];

/** What the source can do and the settings allow. Empty if the source cannot tell who owns a cookie. */
export function capabilitiesOf({ capabilities, proof }: Source, allowEdit: boolean): Capability[] {
  if (proof.by === "nothing") return [];
  const allowed = capabilities.filter((name) => allowEdit || !EDITING.includes(name));
  return [...new Set<Capability>(["prove", ...allowed])];
}

/** Who answers, and what it can do. Says nothing about any session. */
export function helloAnswer(
  source: Source,
  capabilities: Capability[],
  { serverTime, process }: Pick<HelloAnswer, "serverTime" | "process">,
): HelloAnswer {
  return {
    protocol: PROTOCOL_VERSION,
    library: { name: source.library.name, version: source.library.version },
    engine: source.engine,
    cookieNames: [...source.cookieNames],
    ...(source.signatureNames === undefined ? {} : { signatureNames: [...source.signatureNames] }),
    ...(source.chunked === undefined ? {} : { chunked: source.chunked }),
    ...(source.proof.by === "nothing" ? { unproven: source.proof.why } : {}),
    capabilities,
    ...(source.serves === undefined ? {} : { serves: [...source.serves] }),
    serverTime,
    process,
  };
}

/** The session of a cookie, or why there is none. A key that is unknown, expired or someone else's looks the same. */
export async function sessionAnswer(
  source: Source,
  { cookie, keep }: { cookie: string; keep?: boolean },
  { proofs, digests, serverTime }: { proofs: Proofs; digests: Digests; serverTime: number },
): Promise<SessionAnswer> {
  const proven = await proofs.prove(cookie);
  if (proven.key === null) return { serverTime, found: false, reason: proven.reason };
  const result = await withinStoreLimit(source.read(proven.key), "read");
  if (!result.found) {
    const { reason, acceptedUntilMs } = result;
    const accepted = acceptedUntilMs === undefined ? {} : { acceptedUntil: acceptedUntilMs };
    return { serverTime, found: false, reason, ...accepted };
  }
  const { view } = result;
  const kept = keep ? { kept: seal(view, cookie, digests.sealKey) } : {};
  return { serverTime, found: true, session: toState(view, digests), ...kept };
}

/** A stored session as the panel receives it: everything except its key. */
export function toState(view: StoredView, digests: Digests): SessionState {
  return {
    key: shortenKey(view.key),
    keyId: digests.keyId(view.key),
    dataJson: view.json,
    version: digests.version(view.key, view.stored),
    expiresAt: view.expiresAtMs,
    ...(view.deadlines && { deadlines: view.deadlines }),
    atBrowserClose: view.atBrowserClose,
    ageSeconds: view.ageSeconds,
    encoded: view.stored,
    bytes: Buffer.byteLength(view.stored),
  };
}
