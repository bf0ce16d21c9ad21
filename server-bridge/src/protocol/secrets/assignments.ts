/**
 * Secrets with their name in front of them: `password=…`, `"api_key": "…"`, `?token=…`, `;jsessionid=…`, and the password
 * in an address.
 */
import { type Found, note } from "./found.ts";
import { DIGIT, endOf, isAt, NAME, STEP } from "./letters.ts";
import { isSecretPhrase, mayNameSecretInLink, namesSecret, namesSecretInProse } from "./names.ts";
import { isPlainWord } from "./prefixes.ts";

/** How far before its sign a name is looked for, and how many blanks stand around the sign. */
const MAX_NAME = 64;
const MAX_BLANKS = 4;
/** A parameter of a link that may be a secret is one when its value is no word, or longer than words are. */
const LEAST_VALUE = 4;
const LONG_VALUE = 16;

/** Values that hide nothing and tell much. */
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

/** Names of sessions' ids in paths. */
const IN_PATHS: ReadonlySet<string> = new Set(["jsessionid", "phpsessid", "sessionid", "sid"]);

/** A `=` or `:`, or `=` as it is written in a link within a link. */
interface Sign {
  kind: "=" | ":" | "%3D";
  start: number;
  end: number;
}

/** Finds what is assigned to names of secrets. */
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
  if (code !== 0x25 || text[at + 1] !== "3" || (text[at + 2] !== "D" && text[at + 2] !== "d")) return null;
  return { kind: "%3D", start: at, end: at + 3 };
}

/** Notes the value behind the sign, where the name before it makes it a secret; where it ends, or the sign does. */
function endOfAssigned(text: string, sign: Sign, found: Found): number {
  const name = nameBefore(text, sign.start);
  if (name === null) return sign.end;
  const from = endOfBlanks(text, sign.end);
  const quote = quoteAt(text, from);
  const start = from + quote.length;
  if (start >= text.length || text[start] === "=") return sign.end;
  const plain = name.inPath ? endOf(text, start, STEP) : endOfPlain(text, start, sign.kind);
  const end = quote === "" ? plain : endOfQuoted(text, start, quote);
  const value = text.slice(start, Math.min(end, start + MAX_NAME)).trim();
  if (value === "" || TELLING.has(value.toLowerCase()) || !isSecret(name, sign, value)) return sign.end;
  note(found, start, end);
  return end;
}

/** A name, as it stands before a sign. */
interface Name {
  text: string;
  /** The name and the word before it. */
  phrase: string;
  quoted: boolean;
  /** True behind `? & ; #`. */
  inLink: boolean;
  /** True for a session's id in a path, which ends with its step: `;jsessionid=`. */
  inPath: boolean;
}

function isSecret(name: Name, { kind }: Sign, value: string): boolean {
  if (kind === ":") {
    if (value.startsWith("//")) return false; // an address begins here
    if (name.text.includes(".") && endOf(value, 0, DIGIT, 6) > 0) return false; // `src/token.ts:41`
    const named = name.quoted ? namesSecret(name.text) : namesSecretInProse(name.text);
    return named || isSecretPhrase(name.phrase);
  }
  if (namesSecret(name.text) || isSecretPhrase(name.phrase)) return true;
  if (!name.inLink || !mayNameSecretInLink(name.text) || value.length < LEAST_VALUE) return false;
  return value.length >= LONG_VALUE || !isPlainWord(value, 0, value.length);
}

function nameBefore(text: string, sign: number): Name | null {
  let end = sign;
  while (end > sign - MAX_BLANKS && isBlank(text[end - 1])) end -= 1;
  const quote = text[end - 1];
  const quoted = quote === '"' || quote === "'";
  if (quoted) end -= text[end - 2] === "\\" ? 2 : 1;
  const start = startOfName(text, end, end - MAX_NAME);
  if (start === end) return null;
  const encoded = text[start - 1] === "%"; // `%3Ftoken`: the two digits belong to the sign
  const from = encoded ? Math.min(end, start + 2) : start;
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

/** The quote that opens at `at`, with the backslash of JSON within JSON; empty for none. */
function quoteAt(text: string, at: number): string {
  if (text[at] === '"' || text[at] === "'") return text.charAt(at);
  return text[at] === "\\" && text[at + 1] === '"' ? '\\"' : "";
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start; at < text.length; at += 1) {
    if (text.startsWith(quote, at)) return at;
    if (text[at] === "\\") at += 1;
  }
  return text.length;
}

/** Behind `=`, a value ends with its word or parameter; behind `:`, with its line. */
function endOfPlain(text: string, start: number, kind: Sign["kind"]): number {
  for (let at = start; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === "\n" || letter === "\r") return at;
    if (kind === ":") continue;
    if (letter <= " " || `;&"'<>#`.includes(letter)) return at;
    if (kind === "%3D" && letter === "%" && isEncodedEnd(text, at)) return at;
  }
  return text.length;
}

/** `%26 %3B %23`: `& ; #` in a link within a link. */
function isEncodedEnd(text: string, at: number): boolean {
  return ["26", "3B", "3b", "23"].includes(text.slice(at + 1, at + 3));
}

/** Finds the passwords of addresses: `postgres://shop:…@db`. */
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
