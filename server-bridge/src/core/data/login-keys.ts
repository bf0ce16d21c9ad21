/**
 * Whose session it is, and which thing an object describes. Changes by two requests are joined only if both meant the
 * same user and the same thing.
 *
 * The core imports nothing, so the list of login keys is the same as in `protocol/login-keys.ts`; a test compares them.
 */
import { isObjectText, splitMembers } from "./json-parts.ts";

/** Keys under which apps store who is logged in. */
const LOGIN_KEYS =
  /^(?:_auth_user_id|user_?id|uid|account_?id|member_?id|user|account|passport|username|is_?logged_?in|logged_?in|is_?authenticated|authenticated)$/i;
/** What Django stores besides, and changes with the user or the password. */
const DJANGO_KEYS = /^_auth_user_(?:hash|backend)$/;

/** Members that say which thing an object describes: one of these decides. */
const IDS = /^(?:_?id|pk|uuid|guid|sub)$/i;
/** Members that do so if there is none of those, nor a login key. */
const NAMES_OF_THINGS = /^(?:key|e-?mail|username)$/i;
/** Members that say which user an object under a login key describes, if it has no id. */
const NAMES_OF_USERS =
  /^(?:key|e-?mail|mail|user_?name|login|(?:full|first|last|given|family|display|nick|screen)?_?name|nick|handle|phone|upn|oid)$/i;
/** Login keys that say that someone is logged in, but not who. */
const FLAGS = /^(?:(?:is_?)?(?:logged_?in|authenticated)|_auth_user_hash|_auth_user_backend)$/i;
/** The longest login key. */
const MAX_LENGTH = "_auth_user_backend".length;
/** Deeper identities (`passport.user.id`) are compared whole. */
const MAX_DEPTH = 4;

/** A version of a session's data. `textOf` returns the JSON of a key's value, or undefined if there is none. */
interface Version {
  readonly layout: { readonly keys: readonly string[] };
  textOf(key: string): string | undefined;
}

/**
 * True if this key with this value means that someone is logged in.
 *
 * @param value its JSON string; absent counts as null
 */
export function namesSomebody(key: string, value = "null"): boolean {
  if (!isLoginKey(key)) return false;
  // Passport keeps an object that is empty until someone logs in.
  if (key === "passport") return value.includes('"user"');
  return !/^(?:null|false|0|""|\{\}|\[\])$/.test(value);
}

/**
 * Whose session it still is after two requests: `same`: neither changed that; `theirs`: only the other request did;
 * `login`: this request logged someone in, and in the other it was still a guest's; `mine`: any other case in which this
 * request changed it.
 */
export function compareUsers(
  base: Version,
  mine: Version,
  theirs: Version,
): "same" | "theirs" | "login" | "mine" {
  const before = userOf(base);
  const now = userOf(theirs);
  if (userOf(mine) === before) return now === before ? "same" : "theirs";
  return before === "" && now === "" ? "login" : "mine";
}

/**
 * True if someone is logged in now who was not before. A new password of the same user is no login, and neither is a flag
 * next to an id.
 */
export function namesNewUser(before: Version, now: Version): boolean {
  const user = userOf(now, true);
  return user !== "" && user !== userOf(before, true);
}

/**
 * True if versions of an object describe the same thing: its ids are the same in all of them. A thing with an id may
 * change its other names; one without may be given a name, but not another one.
 */
export function isSameThing(versions: readonly ReadonlyMap<string, string>[]): boolean {
  const ids = versions.map((members) => identityIn(members, isId, 0));
  const [first = ""] = ids;
  if (ids.some((id) => id !== first)) return false;
  if (first !== "") return true;
  const names = new Map<string, string>();
  for (const [name, text] of versions.flatMap((members) => [...members])) {
    if (!NAMES_OF_THINGS.test(name)) continue;
    if ((names.get(name) ?? text) !== text) return false;
    names.set(name, text);
  }
  return true;
}

/** True if an object has a member that says which thing it describes. */
export function isIdentified(members: ReadonlyMap<string, string>): boolean {
  for (const name of members.keys()) if (isId(name) || NAMES_OF_THINGS.test(name)) return true;
  return false;
}

/**
 * Who is logged in, by all login keys; empty for a guest. A username, which people can change, and an object without an
 * id or a name, which counts whole, only count unless another key says who it is.
 *
 * @param withoutFlags a flag, too, only counts unless another key says who it is
 */
function userOf(version: Version, withoutFlags = false): string {
  const found: string[] = [];
  const flags: string[] = [];
  const unnamed: [key: string, text: string][] = [];
  let isKnown = false;
  for (const key of version.layout.keys) {
    if (!isLoginKey(key)) continue;
    const text = version.textOf(key);
    if (text === undefined || !namesSomebody(key, text)) continue;
    const identity = isObjectText(text) ? identityOfUser(text, 0) : text;
    if (identity === "" || isUsername(key)) unnamed.push([key, text]);
    else if (FLAGS.test(key)) flags.push(`${key}:${identity}`);
    else found.push(`${key}:${identity}`);
    isKnown ||= identity !== "" && !isUsername(key) && !FLAGS.test(key);
  }
  if (!(withoutFlags && isKnown)) found.push(...flags);
  if (!isKnown) for (const [key, text] of unnamed) found.push(`${key}:${text}`);
  return found.sort().join("\n");
}

function isUsername(key: string): boolean {
  return key.toLowerCase() === "username";
}

function isLoginKey(key: string): boolean {
  return key.length <= MAX_LENGTH && (LOGIN_KEYS.test(key) || DJANGO_KEYS.test(key));
}

/** The id in an object; without one the name; empty if it has neither. */
function identityOfUser(text: string, depth: number): string {
  const members = splitMembers(text);
  return identityIn(members, isId, depth) || identityIn(members, (name) => NAMES_OF_USERS.test(name), depth);
}

/** What a member says about an identity: an object's own, or else the whole value. */
function identityOf(text: string, depth: number): string {
  return (isObjectText(text) && depth < MAX_DEPTH && identityOfUser(text, depth)) || text;
}

function identityIn(
  members: ReadonlyMap<string, string>,
  counts: (name: string) => boolean,
  depth: number,
): string {
  const found: string[] = [];
  for (const [name, text] of members) {
    if (counts(name)) found.push(`${name}:${identityOf(text, depth + 1)}`);
  }
  return found.sort().join("\n");
}

function isId(name: string): boolean {
  return IDS.test(name) || (LOGIN_KEYS.test(name) && !NAMES_OF_THINGS.test(name));
}
