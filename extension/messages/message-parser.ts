/**
 * Parsers of the messages between the extension's pages: `unknown` in, a checked value out.
 *
 * The sender is checked first (`answer-questions.ts`); these parsers make a message of another version, or of a page that should
 * not send any, fail here with a name and not somewhere inside. The readers are the protocol's.
 */
import {
  asObject,
  list,
  oneOf,
  orNull,
  ownValue,
  ProtocolError,
  type Reader,
  text,
} from "session-bridge/protocol";

/** A message that does not have the agreed shape. Its text names the place and the remedy, never the value. */
export class MessageError extends Error {
  override readonly name = "MessageError";
}

/** Every list between our pages is limited. */
const MOST_ITEMS = 20_000;

/** A string of any length: a cookie's value or an address can have any length. */
export const anyText: Reader<string> = text(Number.POSITIVE_INFINITY);

/** A value that is checked later, or by someone else. */
export const anything: Reader<unknown> = (value) => value;

/** A list of at most 20,000 items. */
export function listOf<T>(item: Reader<T>): Reader<T[]> {
  return list(item, MOST_ITEMS);
}

/** Null, or what `reader` accepts. A missing field counts as null: JSON between pages drops undefined. */
export function orAbsent<T>(reader: Reader<T>): Reader<T | null> {
  const present = orNull(reader);
  return (value, place) => present(value ?? null, place);
}

/** One of several shapes, distinguished by the word in `field`: a reader for each word. */
export function shapeBy<Field extends string, T extends Record<Field, string>>(
  field: Field,
  readers: { [Word in T[Field]]: Reader<Extract<T, Record<Field, Word>>> },
): Reader<T> {
  const all = new Map<string, Reader<T>>(Object.entries(readers));
  const word = oneOf(...all.keys());
  return (value, place) => {
    const found = word(ownValue(asObject(value, place), field), `${place}.${field}`);
    const reader = all.get(found);
    if (reader === undefined) throw new ProtocolError(`${place}.${field}`, "a known word");
    return reader(value, place);
  };
}

/** A parser of one kind of message, which `place` names. It throws a `MessageError` for any other shape. */
export function toParser<T>(place: string, reader: Reader<T>): (value: unknown) => T {
  return (value) => {
    try {
      return reader(value, place);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new MessageError(`[extension] ${error.message} Reload the extension.`, { cause: error });
    }
  };
}
