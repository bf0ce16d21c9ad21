/**
 * The value that text typed into the tree stands for: JSON if it is JSON, a bare word as a string, and a string stays a string
 * even if it looks like a number.
 */
import { type JsonFault, type JsonKind, type JsonNode, parseJson, stringOf } from "session-bridge/protocol";

export type { JsonFault, JsonKind } from "session-bridge/protocol";

type TypedValue = { ok: true; json: string; kind: JsonKind } | { ok: false; fault: JsonFault };

/** Deeper values are written on one line: indentation would not help the reader, and the stack is spared. */
const MAX_PRETTY_DEPTH = 200;

/** Longest string that is edited in one line; a longer or multi-line one is edited as JSON. */
const MAX_INLINE = 2000;

/**
 * Reads text typed over a value of kind `was`.
 *
 * A quote, brace or bracket at the start promises JSON, so a mistake there is reported instead of being kept as a string. `NaN`
 * looks like a number that the server has, but the bridge does not accept it: that is a mistake too.
 *
 * @param base the JSON that was there, null for a new value: typing it again is no mistake, even `NaN`
 */
export function parseTyped(input: string, was: JsonKind, base: string | null = null): TypedValue {
  const trimmed = input.trim();
  if (trimmed === base) return { ok: true, json: base, kind: was };
  if (was === "string" && !trimmed.startsWith('"')) {
    return { ok: true, json: JSON.stringify(input), kind: "string" };
  }
  const result = parseJson(trimmed, { strict: true });
  if (result.ok) return { ok: true, json: trimmed, kind: result.root.kind };
  if (/^["{[]/.test(trimmed) || parseJson(trimmed).ok) return { ok: false, fault: result.fault };
  return { ok: true, json: JSON.stringify(input), kind: "string" };
}

/** The text with which editing a value starts: strings without their quotes if that is unambiguous. */
export function editableText(json: string, kind: JsonKind): string {
  if (kind !== "string") return json;
  const node = parseJson(json);
  if (!node.ok) return json;
  const value = stringOf(json, node.root);
  return isPlain(value) ? value : json;
}

/** True when a value can be edited in one line in the tree. */
export function isInline(json: string, kind: JsonKind): boolean {
  return kind !== "object" && kind !== "array" && json.length <= MAX_INLINE;
}

/** A number moved by `delta` in its last decimal place, as a string; null if the text is not a plain decimal number. */
export function stepNumber(text: string, delta: number): string | null {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text.trim());
  if (match === null) return null;
  const [, sign = "", whole = "0", decimals = ""] = match;
  const scaled = BigInt(sign + whole + decimals) + BigInt(Math.trunc(delta));
  if (decimals === "") return scaled.toString();
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(decimals.length + 1, "0");
  const point = digits.length - decimals.length;
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Indented JSON of a value for the JSON editor, with every number and string spelled as stored. */
export function prettyJson(text: string): string {
  const result = parseJson(text);
  if (!result.ok) return text;
  const out: string[] = [];
  write(text, result.root, 0, out);
  return out.join("");
}

function write(text: string, node: JsonNode, depth: number, out: string[]): void {
  if (node.items.length === 0 || depth > MAX_PRETTY_DEPTH) {
    out.push(text.slice(node.start, node.end));
    return;
  }
  const [open, close] = node.kind === "object" ? ["{", "}"] : ["[", "]"];
  const pad = "  ".repeat(depth + 1);
  out.push(open, "\n");
  node.items.forEach((item, index) => {
    out.push(pad);
    if (node.kind === "object") out.push(JSON.stringify(node.keys[index] ?? ""), ": ");
    write(text, item, depth + 1, out);
    out.push(index < node.items.length - 1 ? ",\n" : "\n");
  });
  out.push("  ".repeat(depth), close);
}

/** True when a string can be typed bare: no quote at its start, no line break or other control character. */
function isPlain(value: string): boolean {
  if (value.trimStart().startsWith('"')) return false;
  for (const character of value) if (character < " " || character === "\u007f") return false;
  return true;
}
