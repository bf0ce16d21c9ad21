/**
 * Ids of users. Many libraries make them at random (Better Auth's, a cuid, an ObjectId), but they unlock nothing, and who is
 * logged in is what a trace is read for.
 */
import type { Found } from "./found.ts";
import { findByBeginning } from "./prefixes.ts";

/** Keys under which libraries and frameworks keep the id of the user. */
const NAMES: ReadonlySet<string> = new Set("user_id _user_id _auth_user_id userId uid sub".split(" "));
/** The same, by the key of the object around it. What an app keeps under another `user` may be a token. */
const IN: ReadonlyMap<string, readonly string[]> = new Map([
  ["user", ["id", "_id"]],
  ["passport", ["user"]],
]);
/** One word, as ids are, and as no token with several parts is; perhaps behind names of who issued it: `auth0|…`. */
const PLAIN = /^(?:[a-z][a-z\d-]{0,31}\|){0,2}[\w-]{1,63}$/;

/**
 * True for the id of a user, which is no secret whatever it looks like, unless it begins as the token of a service does.
 *
 * @param parent the key of the object in which `name` is a key; empty for the session itself
 */
export function isUserId(parent: string, name: string, text: string): boolean {
  const isNamed = NAMES.has(name) || IN.get(parent)?.includes(name) === true;
  if (!isNamed || !PLAIN.test(text)) return false;
  const found: Found = [];
  findByBeginning(text, found);
  return found.length === 0;
}
