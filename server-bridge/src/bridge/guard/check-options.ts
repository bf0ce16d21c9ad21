/**
 * Checks the given options, names and types, for apps in JavaScript, where nothing else does. For a wrong value only
 * the type is named, because the value may be a secret.
 */
import { PREFIX } from "../../core/errors.ts";

/** One option: what it takes, in words and as a check. */
export interface OptionType {
  takes: string;
  is(value: unknown): boolean;
}

/**
 * The given options, without undefined ones. Inherited properties do not count.
 *
 * @throws for an unknown option, suggesting the right one, and for a value of another type
 */
export function checkOptions(given: unknown, types: Readonly<Record<string, OptionType>>): object {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(
      `${PREFIX}openBridge takes an object of options, such as { enabled: true }, but was given ${sayType(given)}.`,
    );
  }
  const checked: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(given)) {
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) throw new TypeError(unknownOption(name, Object.keys(types)));
    if (value === undefined) continue;
    if (!type.is(value)) {
      throw new TypeError(
        `${PREFIX}${name} takes ${type.takes}, but was given ${sayType(value)}. Correct it, or leave it out.`,
      );
    }
    checked[name] = value;
  }
  return checked;
}

/** True only for true and false. */
export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** True for a string that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** True for a list of strings, even an empty one. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** True for a function. */
export function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function sayType(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return "an empty string";
  if (typeof value === "string") return "a string";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "number" ? "a number that is not allowed" : `a ${typeof value}`;
}

/** Names that other tools use for the same options. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["host", "hosts"],
  ["allowedhosts", "hosts"],
  ["remote", "allowRemote"],
  ["edit", "allowEdit"],
  ["extension", "extensionId"],
  ["logger", "log"],
  ["heartbeat", "heartbeatMs"],
]);

function unknownOption(given: string, names: readonly string[]): string {
  const lower = given.slice(0, 40).toLowerCase();
  const meant =
    OTHER_NAMES.get(lower) ??
    names.find((name) => editDistance(name.toLowerCase(), lower) <= Math.min(3, name.length / 3));
  const remedy = meant === undefined ? `The options are ${names.join(", ")}.` : `Write ${meant}.`;
  return `${PREFIX}openBridge has no option ${JSON.stringify(given.slice(0, 40))}. ${remedy}`;
}

/** How many letters must be added, removed or changed. */
function editDistance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of Array.from(one).entries()) {
    const here = [row + 1];
    for (let column = 0; column < other.length; column += 1) {
      const change = (above[column] ?? 0) + (letter === other[column] ? 0 : 1);
      here.push(Math.min(change, (above[column + 1] ?? 0) + 1, (here[column] ?? 0) + 1));
    }
    above = here;
  }
  return above[other.length] ?? 0;
}
