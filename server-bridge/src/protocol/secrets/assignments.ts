/**
 * Secrets with a name in front of them: `password=…`, `"api_key": "…"`, `?token=…`, `;jsessionid=…`, and the password
 * in a URL.
 */
import { type Found, note } from "./found.ts";
import { MAX_LAYERS, MAX_SLASHES } from "./layers.ts";
import { DIGIT, endOf, isAt, NAME, STEP } from "./letters.ts";
import { isSecretPhrase, mayNameSecretInLink, namesSecret, namesSecretInProse } from "./names.ts";
import { isPlainWord } from "./prefixes.ts";

/** How far before its sign a name is looked for, and how many blanks may surround the sign. */
const MAX_NAME = 64;
const MAX_BLANKS = 4;
/** A link parameter that may be a secret is one if its value is not a word, or is longer than words are. */
const LEAST_VALUE = 4;
const LONG_VALUE = 16;

/** Values that hide nothing and are useful to see. */
const TELLING: ReadonlySet<string> = new Set([
  "true",
  "false",
  "null",
  "none",
  "undefined",
  "nil",
  "yes",
  "no",
]);

/** Names of session ids in paths. */
const IN_PATHS: ReadonlySet<string> = new Set(["jsessionid", "phpsessid", "sessionid", "sid"]);

/** A `=` or `:`, or `=` as it is written in a link within a link, at any depth: `%3D`, `%253D`. */
interface Sign {
  kind: "=" | ":" | "%3D";
  start: number;
  end: number;
}

/** Finds values assigned to names of secrets. */
export function findAssigned(text: string, found: Found): void {
  for (let at = 0; at < text.length; ) {
    const sign = signAt(text, at);
    at = sign === null ? at + 1 : Math.max(sign.end, endOfAssigned(text, sign, found));
  }
}

function signAt(text: string, at: number): Sign | null {
  const code = text.charCodeAt(at);
  if (code === 0x3d) return { kind: "=", start: at, end: at + 1 };
  if (code === 0x3a) return { kind: ":", start: at, end: at + 1 };
  if (code !== 0x25) return null;
  const digits = endOfPercent(text, at);
  const isEqual = text[digits] === "3" && (text[digits + 1] === "D" || text[digits + 1] === "d");
  return isEqual ? { kind: "%3D", start: at, end: digits + 2 } : null;
}

/**
 * Notes the value after the sign if the name before it makes it a secret. Returns where the value ends, or otherwise
 * the sign.
 */
function endOfAssigned(text: string, sign: Sign, found: Found): number {
  const name = nameBefore(text, sign.start);
  if (name === null || !mayNameSecret(name, sign)) return sign.end;
  const from = endOfBlanks(text, sign.end);
  const quote = quoteAt(text, from);
  const start = from + quote.length;
  if (start >= text.length || text[start] === "=") return sign.end;
  const ends = { kind: sign.kind, quote, inPath: name.inPath };
  // Only as much as is needed to decide: a value that is not secret is read again for every sign inside it.
  const value = text.slice(start, endOfValue(text, start, ends, start + MAX_NAME)).trim();
  if (!isSecret(name, sign, value)) return sign.end;
  const end = endOfValue(text, start, ends, text.length);
  note(found, start, end);
  return end;
}

/** A name before a sign. */
interface Name {
  text: string;
  /** The name and the word before it. */
  phrase: string;
  quoted: boolean;
  /** True after `? & ; #`. */
  inLink: boolean;
  /** True for a session id in a path, which ends with its segment: `;jsessionid=`. */
  inPath: boolean;
}

/** True for a name that may be followed by a secret: the value decides whether it is. */
function mayNameSecret({ text, phrase, quoted, inLink }: Name, { kind }: Sign): boolean {
  if (isSecretPhrase(phrase)) return true;
  if (kind === ":") return quoted ? namesSecret(text) : namesSecretInProse(text);
  return namesSecret(text) || (inLink && mayNameSecretInLink(text));
}

/** True for a value that is a secret after such a name. */
function isSecret(name: Name, { kind }: Sign, value: string): boolean {
  if (value === "" || TELLING.has(value.toLowerCase())) return false;
  if (kind === ":") {
    if (value.startsWith("//")) return false; // a URL begins here
    return !(name.text.includes(".") && endOf(value, 0, DIGIT, 6) > 0); // `src/token.ts:41`
  }
  if (namesSecret(name.text) || isSecretPhrase(name.phrase)) return true;
  return value.length >= LEAST_VALUE && (value.length >= LONG_VALUE || !isPlainWord(value, 0, value.length));
}

function nameBefore(text: string, sign: number): Name | null {
  let end = sign;
  while (end > sign - MAX_BLANKS && isBlank(text[end - 1])) end -= 1;
  const quote = text[end - 1];
  const quoted = quote === '"' || quote === "'";
  if (quoted) {
    end -= 1;
    const least = end - MAX_SLASHES;
    while (end > least && text[end - 1] === "\\") end -= 1;
  }
  const start = startOfName(text, end, end - MAX_NAME);
  if (start === end) return null;
  const encoded = text[start - 1] === "%"; // `%3Ftoken`, `%253Ftoken`: the digits belong to the sign
  const from = encoded ? Math.min(end, endOfPercent(text, start - 1) + 2) : start;
  const word = text[start - 1] === " " ? startOfName(text, start - 1, start - 1 - MAX_NAME) : from;
  return {
    text: text.slice(from, end),
    phrase: text.slice(word, end),
    quoted,
    inPath: text[start - 1] === ";" && IN_PATHS.has(text.slice(from, end).toLowerCase()),
    inLink: encoded || "?&;#".includes(text.charAt(start - 1) || " "),
  };
}

function startOfName(text: string, end: number, least: number): number {
  let at = end;
  while (at > 0 && at > least && isAt(text, at - 1, NAME)) at -= 1;
  return at;
}

function isBlank(letter: string | undefined): boolean {
  return letter === " " || letter === "\t";
}

function endOfBlanks(text: string, from: number): number {
  let at = from;
  while (at < from + MAX_BLANKS && isBlank(text[at])) at += 1;
  return at;
}

/** The quote that opens at `at`, with the backslashes of JSON within JSON; empty if there is none. */
function quoteAt(text: string, at: number): string {
  if (text[at] === '"' || text[at] === "'") return text.charAt(at);
  let end = at;
  while (end < at + MAX_SLASHES && text[end] === "\\") end += 1;
  return end > at && text[end] === '"' ? text.slice(at, end + 1) : "";
}

/**
 * The position after a percent sign, and after the `25`s that represent such signs in text that was encoded several
 * times.
 */
function endOfPercent(text: string, at: number): number {
  let end = at + 1;
  while (end < at + 2 * MAX_LAYERS && text[end] === "2" && text[end + 1] === "5") end += 2;
  return end;
}

/** What decides where a value ends. */
interface Ends {
  kind: Sign["kind"];
  /** As it was opened; empty for none. */
  quote: string;
  inPath: boolean;
}

/** Where the value that begins at `start` ends, but at most at `limit`. */
function endOfValue(text: string, start: number, { kind, quote, inPath }: Ends, limit: number): number {
  const end = Math.min(text.length, limit);
  if (quote !== "") return endOfQuoted(text, start, quote, end);
  return inPath ? endOf(text, start, STEP, end) : endOfPlain(text, start, kind, end);
}

/**
 * A quote closes one that was opened with the same number of backslashes. One with more belongs to the value, or
 * follows a backslash at its end: the value is then taken to be longer than it is, never shorter.
 */
function endOfQuoted(text: string, start: number, quote: string, limit: number): number {
  const sign = quote.at(-1);
  const slashes = quote.length - 1;
  let before = 0;
  for (let at = start; at < limit; at += 1) {
    const letter = text[at];
    if (letter === sign && before === slashes) return at - slashes;
    before = letter === "\\" ? before + 1 : 0;
  }
  return limit;
}

/** After `=`, a value ends with its word or parameter; after `:`, with its line. */
function endOfPlain(text: string, start: number, kind: Sign["kind"], limit: number): number {
  for (let at = start; at < limit; at += 1) {
    const letter = text.charAt(at);
    if (letter === "\n" || letter === "\r") return at;
    if (kind === ":") continue;
    if (letter <= " " || `;&"'<>#`.includes(letter)) return at;
    if (kind === "%3D" && letter === "%" && isEncodedEnd(text, at)) return at;
  }
  return limit;
}

/** `%26 %3B %23`: `& ; #` in a link within a link. */
function isEncodedEnd(text: string, at: number): boolean {
  const digits = endOfPercent(text, at);
  return ["26", "3B", "3b", "23"].includes(text.slice(digits, digits + 2));
}

/** Finds passwords in URLs: `postgres://shop:…@db`. */
export function findPasswordsInAddresses(text: string, found: Found): void {
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at)) {
    const from = at + 3;
    let colon = -1;
    let sign = -1;
    let end = from;
    for (; end < text.length; end += 1) {
      const letter = text.charAt(end);
      if (letter <= " " || `/?#"'<>\\`.includes(letter)) break;
      if (letter === ":" && colon === -1) colon = end;
      if (letter === "@") sign = end;
    }
    if (colon !== -1 && sign > colon) note(found, colon + 1, sign);
    at = end;
  }
}
