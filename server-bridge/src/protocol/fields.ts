/**
 * The small readers that the protocol's parsers consist of: each turns one `unknown` into one type, or throws.
 *
 * A reader builds its result from scratch, reads only own properties and drops what it does not know, so nothing of the
 * sender's objects (prototypes, getters, extra fields) gets through.
 */

/** Thrown for a value that does not have the expected shape. The message names the place, never the value. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  /** The place in the message: `edit.operations[3].path`. */
  readonly place: string;
  /** What would have been correct there. */
  readonly expected: string;

  constructor(place: string, expected: string) {
    super(`${place}: expected ${expected}.`);
    this.place = place;
    this.expected = expected;
  }
}

/** The same mistake, seen from outside: a place is put together only when there is something wrong with it. */
function within(outer: string, error: unknown): unknown {
  return error instanceof ProtocolError ? new ProtocolError(outer + error.place, error.expected) : error;
}

/** Turns `value`, found at `place`, into a `T`, or throws a `ProtocolError`. */
export type Reader<T> = (value: unknown, place: string) => T;

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];
type Required<T> = { [K in Exclude<keyof T, OptionalKeys<T>>]: Reader<T[K]> };
type Optional<T> = { [K in OptionalKeys<T>]-?: Reader<Exclude<T[K], undefined>> };

/** A string of at most `max` UTF-16 units. */
export function text(max: number): Reader<string> {
  return (value, place) => {
    if (typeof value !== "string") throw new ProtocolError(place, "text");
    if (value.length > max) throw new ProtocolError(place, `text of at most ${max} characters`);
    return value;
  };
}

/** A string that matches `form`, which `name` describes. */
export function textLike(form: RegExp, name: string): Reader<string> {
  return (value, place) => {
    if (typeof value !== "string" || !form.test(value)) throw new ProtocolError(place, name);
    return value;
  };
}

/** A whole number from `min` to `max`, both included. */
export function integer(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Reader<number> {
  return (value, place) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max)
      return value;
    throw new ProtocolError(place, `a whole number from ${min} to ${max}`);
  };
}

/** Any finite number. */
export const finite: Reader<number> = (value, place) => {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new ProtocolError(place, "a finite number");
};

/** True or false; nothing else is accepted. */
export const flag: Reader<boolean> = (value, place) => {
  if (typeof value === "boolean") return value;
  throw new ProtocolError(place, "true or false");
};

/** One of the given words. */
export function oneOf<const T extends string>(...words: T[]): Reader<T> {
  return (value, place) => {
    const found = words.find((word) => word === value);
    if (found === undefined) throw new ProtocolError(place, `one of ${words.join(", ")}`);
    return found;
  };
}

/** Null, or whatever `reader` accepts. A missing value is refused. */
export function orNull<T>(reader: Reader<T>): Reader<T | null> {
  return (value, place) => (value === null ? null : reader(value, place));
}

/** A list of at most `max` items. */
export function list<T>(item: Reader<T>, max: number): Reader<T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) throw new ProtocolError(place, "a list");
    if (value.length > max) throw new ProtocolError(place, `a list of at most ${max} items`);
    const items: T[] = [];
    try {
      for (const entry of value as unknown[]) items.push(item(entry, ""));
    } catch (error) {
      throw within(`${place}[${items.length}]`, error);
    }
    return items;
  };
}

/** A list of words, without those that are unknown here: a newer sender may know more. */
export function knownWords<const T extends string>(max: number, ...words: T[]): Reader<T[]> {
  const all = list(text(40), max);
  return (value, place) => {
    const sent = new Set(all(value, place));
    return words.filter((word) => sent.has(word));
  };
}

/** The result of the first reader that accepts the value; the last one's error if none does. */
export function either<A, B>(first: Reader<A>, second: Reader<B>): Reader<A | B> {
  return (value, place) => {
    try {
      return first(value, place);
    } catch {
      return second(value, place);
    }
  };
}

/** An object with these fields, and perhaps some of `optional`; others are dropped. */
export function record<T extends object>(
  ...[required, optional]: object extends Optional<T> ? [Required<T>] : [Required<T>, Optional<T>]
): Reader<T> {
  const fields = Object.entries<Reader<unknown>>(required);
  const extras = Object.entries<Reader<unknown>>(optional ?? {});
  return (value, place) => {
    const source = asObject(value, place);
    const result: Record<string, unknown> = {};
    try {
      for (const [name, reader] of fields) result[name] = reader(ownValue(source, name), name);
      for (const [name, reader] of extras) {
        const found = ownValue(source, name);
        if (found !== undefined) result[name] = reader(found, name);
      }
    } catch (error) {
      throw within(`${place}.`, error);
    }
    return result as T; // every field of T was read in the lines above
  };
}

/** The own property `name` of an object, or undefined: prototypes are never consulted. */
export function ownValue(source: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(source, name)?.value;
}

/** The value if it is an object; a list is not. */
export function asObject(value: unknown, place: string): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new ProtocolError(place, "an object");
}
