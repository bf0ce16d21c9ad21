/**
 * Text within other text: a link in a link, JSON in JSON, either of them in HTML. Each layer is decoded as a whole, so
 * that the content shows whatever it was packed in.
 */

/**
 * How many layers are decoded; each must be read again. Whatever is still encoded then counts as a secret, because no
 * one has seen what it contains.
 */
export const MAX_LAYERS = 4;

/**
 * The most backslashes before a quote that are read in place: each layer of JSON doubles them and adds one. A text of
 * that depth keeps what surrounds a secret; a deeper one is hidden completely, as above.
 */
export const MAX_SLASHES = 2 ** MAX_LAYERS - 1;

/** Encoded characters: bytes in a URL, letters and quotes in JSON and JavaScript, letters in HTML. */
const ENCODED =
  /(?:%[0-9a-f]{2})+|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[\\"'/]|&(?:quot|apos|amp|lt|gt|#[0-9]{1,7}|#x[0-9a-f]{1,6});/gi;

const IN_HTML: ReadonlyMap<string, string> = new Map([
  ["&quot;", '"'],
  ["&apos;", "'"],
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
]);
/** The highest code point. */
const MAX_CODE = 0x10_ffff;

/** True for a sign that begins an encoded character: `%`, a backslash or `&`. A text without one is not encoded. */
export function beginsEncoded(code: number): boolean {
  return code === 0x25 || code === 0x5c || code === 0x26;
}

/**
 * The text with one layer decoded, with two, and so on, as long as there are layers: at most one more than
 * `MAX_LAYERS`.
 */
export function* innerTexts(text: string): Generator<string, void> {
  let outer = text;
  for (let layer = 0; layer <= MAX_LAYERS; layer += 1) {
    const inner = withBlanks(outer).replace(ENCODED, decode);
    if (inner === outer) return;
    yield inner;
    outer = inner;
  }
}

/** In form data `+` represents a blank: there are then no other blanks, and there are percent signs. */
function withBlanks(text: string): string {
  return text.includes("+") && text.includes("%") && !text.includes(" ") ? text.replaceAll("+", " ") : text;
}

function decode(sign: string): string {
  if (sign.startsWith("%")) return decodeBytes(sign);
  if (sign.startsWith("&")) return decodeHtml(sign.toLowerCase());
  return sign.length === 2 ? sign.slice(1) : String.fromCharCode(Number.parseInt(sign.slice(2), 16));
}

/** `%C3%A4`. Bytes that are not UTF-8 are read as one character each, because the others among them may be a secret. */
function decodeBytes(signs: string): string {
  try {
    return decodeURIComponent(signs);
  } catch {
    return signs.replace(/%../g, (sign) => String.fromCharCode(Number.parseInt(sign.slice(1), 16)));
  }
}

function decodeHtml(sign: string): string {
  const named = IN_HTML.get(sign);
  if (named !== undefined) return named;
  const isHex = sign.startsWith("&#x");
  const code = Number.parseInt(sign.slice(isHex ? 3 : 2), isHex ? 16 : 10);
  return code > MAX_CODE ? " " : String.fromCodePoint(code);
}
