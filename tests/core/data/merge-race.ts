/** Two requests that change one session, without a store: what becomes of the second one's changes. */
import { readContents } from "../../../server-bridge/src/core/data/json.ts";
import { SessionData } from "../../../server-bridge/src/core/data/session-data.ts";

/** What a request does to the session. */
export type Act = (session: SessionData) => void;

/** A session as it is stored. */
export function contents(json: string) {
  const read = readContents(json);
  if (read === null) throw new Error(`not JSON: ${json}`);
  return read;
}

/** Another request stores `theirs` after this one has loaded `base`; then this one, which did `act`, stores. */
export function race(base: string, theirs: string, act: Act) {
  const session = new SessionData(contents(base));
  act(session);
  const result = session.rebase(contents(theirs));
  return {
    json: session.draft().contents.json,
    conflicts: result.conflicts,
    refused: result.otherUser === true,
  };
}

/** Changes one key's value inside. */
export const inside =
  (key: string, change: (value: never) => void): Act =>
  (session) =>
    change(session.get(key) as never);

/** An object of objects. */
export type Tree = Record<string, Record<string, unknown>>;
/** A list of objects. */
export type Items = Record<string, unknown>[];
