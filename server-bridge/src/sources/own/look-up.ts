/** Reads a stored session of this library from the engine, as another process would: reading touches nothing. */
import type { StoredJson } from "../../core/data/stored-json.ts";
import { deadlinesOf, isPastDeadline } from "../../core/django/deadlines.ts";
import type { Stored } from "../../core/engines/engine.ts";
import type { Sessions } from "../../core/sessions.ts";
import type { ProvenKey, StoredView, WriteResult } from "../source.ts";
import { expiryFault } from "./own-expiry.ts";
import { withEndings } from "./whose.ts";

/** The part of `createSessions`' result that is needed here. */
export type OwnSessions = Pick<
  Sessions,
  "engine" | "codec" | "settings" | "clock" | "expiryOf" | "keyOf" | "newKey"
>;

/** The session under a key; `tampered` if there is one that cannot be read. */
export async function lookUp(
  sessions: OwnSessions,
  key: string,
): Promise<StoredView | "unknown" | "tampered"> {
  const { engine, clock, settings } = sessions;
  const found = engine.inspect ? await engine.inspect(key) : await engine.load(key);
  if (found === null || found === "expired") return "unknown";
  if (found.expiresAtMs !== null && found.expiresAtMs <= clock()) return "unknown";
  const contents = sessions.codec.decode(found.text);
  if (contents === null) return "tampered";
  if (isPastDeadline(contents, clock(), settings)) return "unknown";
  return withEndings(sessions, toView(sessions, key, found, contents));
}

/** The session that the caller saw, or the result to return instead. */
export async function lookUpExpected(
  sessions: OwnSessions,
  key: ProvenKey,
  ifStored: string,
): Promise<StoredView | WriteResult> {
  const view = await lookUp(sessions, key);
  if (typeof view === "string") return { ok: false, reason: "gone" };
  return view.stored === ifStored ? view : { ok: false, reason: "conflict", now: view };
}

/** A string that was written here as a view. */
export function readView(sessions: OwnSessions, key: string, stored: Stored): StoredView | null {
  const contents = sessions.codec.decode(stored.text);
  return contents === null ? null : toView(sessions, key, stored, contents);
}

function toView(
  sessions: OwnSessions,
  key: string,
  { text, expiresAtMs }: Stored,
  contents: StoredJson,
): StoredView {
  const deadlines = deadlinesOf(contents, expiresAtMs, sessions.settings);
  const ends = deadlines === undefined ? { expiresAtMs } : { expiresAtMs, deadlines };
  return { key, json: contents.json, stored: text, ...ends, ...factsOf(sessions, contents.json) };
}

/**
 * What the data says about the expiry; empty if the site itself cannot read it, so that it can be seen and repaired.
 */
function factsOf(sessions: OwnSessions, json: string): Pick<StoredView, "atBrowserClose" | "ageSeconds"> {
  if (expiryFault(json, sessions.clock(), sessions.settings) !== null) {
    return { atBrowserClose: false, ageSeconds: 0 };
  }
  const { atBrowserClose, ageSeconds } = sessions.expiryOf(json);
  return { atBrowserClose, ageSeconds };
}
