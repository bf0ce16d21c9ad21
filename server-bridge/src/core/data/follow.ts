/**
 * Brings a value that a handler holds to a newer state, in place: a handler that keeps `session.cart` in a variable goes
 * on with the same list after a save that was joined with another request's.
 */
import { parseValue } from "./json.ts";
import { isListText, isObjectText, splitElements, splitMembers } from "./json-parts.ts";
import { isSameThing } from "./login-keys.ts";

/** Deeper values are replaced. */
const MAX_DEPTH = 64;

interface Follow {
  /** The JSON that the value has. */
  from: string;
  /** The JSON that it shall have. */
  to: string;
  /** True if JavaScript's own JSON reads and writes both unchanged. */
  plain: boolean;
}

/**
 * The value with the JSON `to`: the same object wherever it can be, otherwise a new one. What is not a plain object or
 * list, or cannot be changed, is replaced. A value that is in two places at once may get another JSON: check it.
 */
export function follow(value: unknown, { from, to, plain }: Follow): unknown {
  try {
    return update(value, from, to, { plain, depth: 0 });
  } catch {
    return parseValue(to, plain); // frozen, or a proxy that refuses
  }
}

interface Place {
  plain: boolean;
  depth: number;
}

function update(value: unknown, from: string, to: string, { plain, depth }: Place): unknown {
  if (from === to) return value;
  const place = { plain, depth: depth + 1 };
  if (depth < MAX_DEPTH && isPlain(value)) {
    if (Array.isArray(value) && isListText(from) && isListText(to)) return updateList(value, from, to, place);
    if (!Array.isArray(value) && isObjectText(from) && isObjectText(to)) {
      const [old, now] = [splitMembers(from), splitMembers(to)];
      if (isSameThing([old, now])) return updateMembers(value, old, now, place);
    }
  }
  return parseValue(to, plain);
}

function updateMembers(
  value: object,
  old: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  place: Place,
): object {
  for (const name of old.keys()) if (!now.has(name)) Reflect.deleteProperty(value, name);
  for (const [name, text] of now) {
    const before = old.get(name);
    if (before === text) continue;
    const next =
      before === undefined
        ? parseValue(text, place.plain)
        : update(Reflect.get(value, name), before, text, place);
    put(value, name, next);
  }
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

/** Elements at both ends that stay the same keep their place; those between are updated if none was removed. */
function updateList(value: unknown[], from: string, to: string, place: Place): unknown[] {
  const [old, now] = [splitElements(from), splitElements(to)];
  const least = Math.min(old.length, now.length);
  let start = 0;
  while (start < least && old[start] === now[start]) start++;
  let end = 0;
  while (end < least - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const [oldEnd, nowEnd] = [old.length - end, now.length - end];
  const fits = nowEnd >= oldEnd;
  const middle = now.slice(start, nowEnd).map((text, index) => {
    const at = start + index;
    return fits && at < oldEnd
      ? update(value[at], old[at] ?? "", text, place)
      : parseValue(text, place.plain);
  });
  const rest = value.slice(oldEnd);
  value.length = start;
  for (const one of middle) value.push(one);
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
