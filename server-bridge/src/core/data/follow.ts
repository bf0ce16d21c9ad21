/**
 * Brings a value that a handler holds to a newer state, in place: a handler that keeps `session.cart` in a variable goes
 * on with the same list after a save that was joined with another request's.
 */
import { parseValue } from "./json.ts";
import { isListText, isObjectText, splitElements, splitMembers } from "./json-parts.ts";
import { isSameThing } from "./login-keys.ts";

interface Follow {
  /** The JSON that the value has. */
  from: string;
  /** The JSON that it shall have. */
  to: string;
  /** True if JavaScript's own JSON reads and writes both unchanged. */
  plain: boolean;
}

/**
 * The value with the JSON `to`: the same list or object if it can be, otherwise a new one. Only this list or object is
 * changed. What is inside it, and is different now, is replaced: the handler may have put something there that is in use
 * elsewhere. A value that is in two places at once may get another JSON: check it.
 */
export function follow(value: unknown, { from, to, plain }: Follow): unknown {
  try {
    return update(value, from, to, plain);
  } catch {
    return parseValue(to, plain); // frozen, or a proxy that refuses
  }
}

function update(value: unknown, from: string, to: string, plain: boolean): unknown {
  if (from === to) return value;
  if (isPlain(value)) {
    if (Array.isArray(value) && isListText(from) && isListText(to)) return updateList(value, from, to, plain);
    if (!Array.isArray(value) && isObjectText(from) && isObjectText(to)) {
      const [old, now] = [splitMembers(from), splitMembers(to)];
      if (isSameThing([old, now])) return updateMembers(value, old, now, plain);
    }
  }
  return parseValue(to, plain);
}

function updateMembers(
  value: object,
  old: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  plain: boolean,
): object {
  for (const name of old.keys()) if (!now.has(name)) Reflect.deleteProperty(value, name);
  for (const [name, text] of now) if (old.get(name) !== text) put(value, name, parseValue(text, plain));
  const order = Object.keys(value).filter((name) => now.has(name));
  if ([...now.keys()].some((name, at) => name !== order[at])) {
    for (const name of now.keys()) {
      const member: unknown = Reflect.get(value, name);
      Reflect.deleteProperty(value, name);
      put(value, name, member);
    }
  }
  return value;
}

/** Elements at both ends that stay the same keep their place. */
function updateList(value: unknown[], from: string, to: string, plain: boolean): unknown[] {
  const [old, now] = [splitElements(from), splitElements(to)];
  const least = Math.min(old.length, now.length);
  let start = 0;
  while (start < least && old[start] === now[start]) start++;
  let end = 0;
  while (end < least - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const rest = value.slice(old.length - end);
  value.length = start;
  for (const text of now.slice(start, now.length - end)) value.push(parseValue(text, plain));
  for (const one of rest) value.push(one);
  return value;
}

/** `__proto__` is a name like any other. */
function put(value: object, name: string, member: unknown): void {
  Object.defineProperty(value, name, { value: member, writable: true, enumerable: true, configurable: true });
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || "toJSON" in value) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
