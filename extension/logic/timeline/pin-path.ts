/** What a pin names: a key of the session, or a path to a value inside it. */
import type { JsonNode } from "session-bridge/protocol";
import { type Path, pathText } from "../json/difference.ts";

/** A longer pin is no column head that anyone could read. */
export const MAX_PIN = 200;

/** The pin of a value: a top-level key as it is, anything deeper as *Copy path* writes it. Null when that is too long. */
export function pinOf(path: Path): string | null {
  const [key = ""] = path;
  const pin = path.length === 1 && key !== "" ? String(key) : pathText(path);
  return pin.length <= MAX_PIN ? pin : null;
}

/**
 * The value that a pin names; null when there is none.
 *
 * A top-level key that is spelled exactly like the pin wins, so a key may contain dots. Otherwise the pin is a path: `user.id`,
 * `items[0].sku`, `claims["odd.key"]`.
 */
export function valueAt(root: JsonNode, pin: string): JsonNode | null {
  const own = childOf(root, pin);
  if (own !== null) return own;
  const steps = stepsOf(pin);
  let at: JsonNode | null = steps === null ? null : root;
  for (const step of steps ?? []) at = at && childOf(at, step);
  return at;
}

/** The keys of which a session must have one if `valueAt` is to find the pin in it; null if it may be a list. */
export function rootKeysOf(pin: string): readonly string[] | null {
  const [first] = stepsOf(pin) ?? [];
  if (typeof first === "number") return null;
  return first === undefined || first === pin ? [pin] : [pin, first];
}

const known = new Map<string, Path | null>();

/** The steps of a pin as a path; null when it is none. Looked up in every row, so it is read once. */
function stepsOf(pin: string): Path | null {
  const before = known.get(pin);
  if (before !== undefined) return before;
  const steps = readSteps(pin);
  known.set(pin, steps);
  return steps;
}

/** Reads names with a dot before each but the first, positions in brackets, and keys as JSON strings in brackets. */
function readSteps(pin: string): Path | null {
  const steps: (string | number)[] = [];
  for (let at = 0; at < pin.length; ) {
    const isBracket = pin[at] === "[";
    const start = isBracket || at > 0 ? at + 1 : at;
    if (!isBracket && at > 0 && pin[at] !== ".") return null;
    const end = isBracket ? endOfBracket(pin, start) : endOfName(pin, start);
    const step = isBracket ? stepOf(pin.slice(start, end)) : pin.slice(start, end);
    if (step === null || (!isBracket && !isName(String(step)))) return null;
    steps.push(step);
    at = isBracket ? end + 1 : end;
  }
  return steps.length === 0 ? null : steps;
}

function isName(text: string): boolean {
  return text !== "" && !text.includes('"') && !text.includes("]");
}

function endOfName(pin: string, start: number): number {
  let end = start;
  while (end < pin.length && pin[end] !== "." && pin[end] !== "[") end += 1;
  return end;
}

/** Where the bracket closes that opened before `start`, outside of a string; the end of the pin if it does not. */
function endOfBracket(pin: string, start: number): number {
  let inString = false;
  for (let end = start; end < pin.length; end += 1) {
    if (inString && pin[end] === "\\") end += 1;
    else if (pin[end] === '"') inString = !inString;
    else if (pin[end] === "]" && !inString) return end;
  }
  return pin.length;
}

/** A position, or the key that a JSON string stands for; null for anything else. */
function stepOf(inside: string): string | number | null {
  if (/^\d+$/.test(inside)) return Number(inside);
  return inside.startsWith('"') ? keyOf(inside) : null;
}

/** The key that a JSON string stands for; null when it is misspelled. */
function keyOf(quoted: string): string | null {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return null;
  }
}

/** An entry by its key or its position. When a key is there twice, the last one counts. */
function childOf(node: JsonNode, step: string | number): JsonNode | null {
  if (node.kind === "object") return node.items[node.keys.lastIndexOf(String(step))] ?? null;
  return node.kind === "array" && typeof step === "number" ? (node.items[step] ?? null) : null;
}
