/**
 * Reading of messages between the extension's own pages: `unknown` in, a checked value out.
 *
 * The sender is checked first (`ports.ts`); these readers see to it that a message of another version, or
 * of a page that should not speak at all, fails here with a name and not somewhere inside.
 */

/** A message that does not have the agreed shape. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

export type Fields = Record<string, unknown>;

/** The value as an object's fields. Throws `ShapeError` for anything else, lists included. */
export function readFields(value: unknown, place: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(place, "an object");
  return value as Fields; // an object that is no list: its fields are still unknown
}

export function readText(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : fail(name, "a text");
}

export function readNumber(fields: Fields, name: string): number {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) ? value : fail(name, "a finite number");
}

export function readFlag(fields: Fields, name: string): boolean {
  const value = fields[name];
  return typeof value === "boolean" ? value : fail(name, "true or false");
}

export function readChoice<const T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  const value = fields[name];
  return choices.find((choice) => choice === value) ?? fail(name, `one of ${choices.join(", ")}`);
}

/** A list, each item read by `readItem`. Longer than `most` is refused: every list between our pages has an end. */
export function readList<T>(
  fields: Fields,
  name: string,
  readItem: (item: unknown) => T,
  most = 20_000,
): T[] {
  const value = fields[name];
  if (!Array.isArray(value) || value.length > most) fail(name, `a list of at most ${most}`);
  return (value as unknown[]).map(readItem); // Array.isArray was asked on the line above
}

/** Null, or what `read` reads. A missing field counts as null. */
export function readOptional<T>(
  fields: Fields,
  name: string,
  read: (fields: Fields, name: string) => T,
): T | null {
  const value = fields[name];
  return value === null || value === undefined ? null : read(fields, name);
}

export function readTexts(fields: Fields, name: string): string[] {
  return readList(fields, name, (item) => (typeof item === "string" ? item : fail(name, "texts only")));
}

function fail(place: string, wanted: string): never {
  throw new ShapeError(`[extension] "${place}" of a message must be ${wanted}. Reload the extension.`);
}
