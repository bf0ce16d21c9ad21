/** Secrets with a known prefix: tokens of services, password hashes, keys in PEM. */
import { type Found, note } from "./found.ts";
import { CAPITAL, classesOf, DIGIT, endOf, isAt, SMALL, STEP, TOKEN, WORD } from "./letters.ts";

/** A prefix, and how many token characters must follow it. */
interface Beginning {
  text: string;
  least: number;
}

/**
 * Prefixes of tokens, with the least number of characters after them. `eyJ` is `{"` in base64: a JSON Web Token, or
 * JSON.
 */
const TOKENS: readonly (readonly [beginnings: string, least: number])[] = [
  ["eyJ", 16],
  ["sk_live_ sk_test_ pk_live_ pk_test_ rk_live_ rk_test_ whsec_ sk-ant- sk-proj- sk-or-", 8],
  ["sk-", 20],
  [
    "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glcbt- glptt- npm_ pypi- rubygems_ dckr_pat_ dckr_oat_",
    12,
  ],
  ["xoxa- xoxb- xoxe- xoxe. xoxp- xoxr- xoxs- xoxc- xoxd- xapp-", 8],
  ["AKIA ASIA ABIA ACCA AIza", 12],
  ["ya29. GOCSPX- SG. hvs. hvb. hvr. atlasv1.", 12],
  [
    "dop_v1_ doo_v1_ shpat_ shpss_ shpca_ shppa_ sq0atp- sq0csp- EAAAE lin_api_ ntn_ figd_ pscale_tkn_ sbp_ glsa_ glc_",
    12,
  ],
  [
    "PMAK- CFPAT- sntrys_ sntryu_ nfp_ vercel_blob_ hf_ r8_ gsk_ pplx- tvly- rnd_ fly_ FlyV1 xprv tprv AGE-SECRET-KEY-1",
    12,
  ],
  ["dapi secret-token: basic-auth: live_ access_token$", 16],
];

/** Prefixes of password hashes; nothing has to follow. */
const HASHES: readonly string[] = [
  "$2$ $2a$ $2b$ $2x$ $2y$ $argon2 $scrypt$ $pbkdf2 $1$ $5$ $6$ $7$ $y$ $gy$ $apr1$ $sha1$ $md5 $P$ $H$",
  "pbkdf2_sha pbkdf2: bcrypt_sha256$ bcrypt$ argon2$ scrypt: scrypt$ {SSHA} {SHA} {CRYPT} {bcrypt} {noop}",
]
  .join(" ")
  .split(" ");

const BY_FIRST: ReadonlyMap<number, readonly Beginning[]> = tableOf([
  ...TOKENS.flatMap(([beginnings, least]) => beginnings.split(" ").map((text) => ({ text, least }))),
  ...HASHES.map((text) => ({ text, least: 0 })),
]);

const PEM = "-----BEGIN ";
const PEM_KEY = "PRIVATE KEY";
const PEM_END = "-----END ";
/** The longest name of a kind of key, such as `RSA` in `RSA PRIVATE KEY`. */
const PEM_NAME = 40;
/** Words that announce a secret in a header, and how many blanks may follow. */
const SCHEMES: readonly string[] = ["bearer", "basic"];
const MAX_BLANKS = 8;
const LEAST_CREDENTIALS = 8;

function tableOf(beginnings: readonly Beginning[]): Map<number, Beginning[]> {
  const table = new Map<number, Beginning[]>();
  for (const beginning of beginnings) {
    const first = beginning.text.charCodeAt(0);
    table.set(first, [...(table.get(first) ?? []), beginning]);
  }
  return table;
}

/** Finds tokens and hashes by their prefix. A prefix counts only at the start of a word. */
export function findByBeginning(text: string, found: Found): void {
  let before = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    const end = (before & WORD) === 0 ? endAt(text, at, code, found) : at;
    before = classesOf(code);
    at = Math.max(at + 1, end);
  }
}

/** Where the secret that begins at `at` ends, or `at` if none begins there. */
function endAt(text: string, at: number, code: number, found: Found): number {
  if (code === 0x62 || code === 0x42) {
    const end = endOfScheme(text, at, found);
    if (end > at) return end;
  }
  for (const { text: beginning, least } of BY_FIRST.get(code) ?? []) {
    if (!text.startsWith(beginning, at)) continue;
    const from = at + beginning.length;
    const letters = text[at - 1] === "/" ? STEP : TOKEN;
    if (least > 0 && endOf(text, from, letters, from + least) < from + least) continue;
    const end = least > 0 ? endOf(text, from, letters) : endOfHash(text, from);
    note(found, at, end);
    return end;
  }
  return at;
}

/** Password hashes contain `$ , ; { }` as well: they end with the word. */
function endOfHash(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) > 0x20 && !`"'<>`.includes(text.charAt(at))) at += 1;
  return at;
}

/** `Bearer …` and `Basic …`, if what follows is not an ordinary word. */
function endOfScheme(text: string, at: number, found: Found): number {
  const scheme = SCHEMES.find((word) => text.slice(at, at + word.length).toLowerCase() === word);
  if (scheme === undefined) return at;
  const word = at + scheme.length;
  const from = endOfBlanks(text, word);
  if (from === word) return at;
  const end = endOf(text, from, TOKEN);
  if (end - from < LEAST_CREDENTIALS) return at;
  if (scheme === "basic" && isPlainWord(text, from, end)) return at;
  note(found, from, end);
  return end;
}

function endOfBlanks(text: string, from: number): number {
  let at = from;
  while (at < from + MAX_BLANKS && (text[at] === " " || text[at] === "\t")) at += 1;
  return at;
}

/** True for lower-case letters only, perhaps after one capital and before one punctuation mark: `Instructions.` */
export function isPlainWord(text: string, start: number, end: number): boolean {
  const from = isAt(text, start, CAPITAL) ? start + 1 : start;
  const letters = endOf(text, from, SMALL, end);
  return letters >= end - 1 && !(letters < end && isAt(text, letters, DIGIT | CAPITAL));
}

/** Finds private keys in PEM, up to their last line or the end of the text. */
export function findPemKeys(text: string, found: Found): void {
  for (let at = text.indexOf(PEM); at !== -1; at = text.indexOf(PEM, at)) {
    const from = at + PEM.length;
    if (!text.slice(from, from + PEM_NAME).includes(PEM_KEY)) {
      at = from;
      continue;
    }
    const last = text.indexOf(PEM_END, from);
    const end = last === -1 ? text.length : Math.min(text.length, last + PEM_END.length + PEM_NAME);
    note(found, at, end);
    at = end;
  }
}
