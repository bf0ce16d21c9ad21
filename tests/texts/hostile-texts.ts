/** Strings to test readers with: random ones, and ones made to be read as slowly as possible. The same for the same seed. */
import { readdirSync, readFileSync } from "node:fs";
import { parseSync } from "vite";

/** Whole numbers below a bound. */
export type Random = (below: number) => number;

/** The generator of Lehmer with 31 bits: the same numbers for the same seed. */
export function createRandom(seed: number): Random {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const SECRETS = new URL("../../server-bridge/src/protocol/secrets/", import.meta.url);

/** Every word in the tables of names and forms, because these can mislead redaction's scanners. */
const WORDS: readonly string[] = readdirSync(SECRETS).flatMap((file) => wordsIn(new URL(file, SECRETS)));

function wordsIn(file: URL): string[] {
  const words: string[] = [];
  const { program } = parseSync(file.pathname, readFileSync(file, "utf8"));
  JSON.stringify(program, (name, value: unknown) => {
    if (name === "value" && typeof value === "string") words.push(...value.split(/[ ,]/).filter(Boolean));
    return typeof value === "bigint" ? "" : value;
  });
  return words;
}

/** Markers and separators, and pieces of the formats that the readers know. */
const PIECES: readonly string[] = [
  ..."=:;,&?#%/\\\"'@.-_~+*!|$ \t\n\r{}[]()<>0aZé…‹›\u2028\0\u007f",
  ...[
    "\ud83d\ude00",
    "\ud800",
    "\udfff",
    "  ",
    "\r\n",
    "==",
    "--",
    "..",
    "::",
    "://",
    "//",
    "%3D",
    "%25",
    "%253D",
    "%252525252525252525253A",
    "%7B%22",
    "&quot;",
    "&amp;amp;quot;",
    "&#x22;",
    "\\u0022",
  ],
  ...[
    "%",
    "%2",
    "%zz",
    "%26",
    "a=",
    "a=b",
    "a=b=",
    "a:b",
    "a: b ",
    "=b;",
    "; ",
    ";;",
    "a;",
    ';a="',
    '\\"',
    '="\\',
    "='",
  ],
  ...[
    'a="b',
    "a='",
    '\\\\"',
    '\\\\\\"',
    "\\u0000",
    "\\134",
    '"\\',
    "token=",
    "token:",
    "?token=",
    "%3Ftoken%3D",
    ";sid=",
  ],
  ...[
    "password: ",
    "&key=a",
    "#a=b",
    "a@b:",
    "http://",
    "https://a:b@c/",
    "redis://:",
    "/reset/",
    "/reset/a",
    "/a1B2c3",
  ],
  ...[
    "eyJ-",
    "eyJ.",
    "eyJhbGciOi",
    "-----BEGIN ",
    "-----BEGIN AAA",
    "-----BEGIN PRIVATE KEY",
    "-----END ",
    "bearer ",
  ],
  ...[
    "Basic ",
    "Basic  \t",
    "basic a",
    "$2b$",
    "$2b",
    "sk-",
    "ghp_a",
    "4111",
    "4111 ",
    "4111-1111 ",
    "22 ",
    "DE89 ",
  ],
  ...[
    "0",
    "9",
    "1234567890",
    "aB3",
    "Ab0-",
    "deadbeef",
    "00000000-0000-4000-8000-",
    "‹redacted ",
    "‹cut: ",
    "a…b",
    "…",
  ],
  ...[
    '"cookies":',
    "#HttpOnly_",
    "# Netscape",
    "\ta\t",
    "# sessions-devtools: {",
    "a\tb\tc\t/\tTRUE\t0\tn\tv\n",
    "Fe26.2*",
  ],
  ...[
    "s:a.",
    "a--",
    "set-cookie:",
    "Set-Cookie: a=b\r\n",
    "Max-Age=",
    "expires=",
    "path=/;",
    "domain=.",
    "[::",
    "a.b:",
  ],
  ...[
    "{",
    "[",
    '{"a":',
    "[[",
    '["',
    '{"":{',
    '[{"a":[',
    "}",
    "]",
    "null,",
    "1e9,",
    "-0.0",
    "NaN,",
    "truefalse",
    '"a":1,',
  ],
];

/** A string of one kind, with about this many characters. */
type Form = (random: Random, length: number) => string;

const FORMS: readonly Form[] = [
  (random, length) => flood(unit(random), length),
  (random, length) => flood(unit(random) + unit(random), length),
  (random, length) => flood(unit(random) + unit(random) + unit(random), length),
  (random, length) => unit(random) + flood(unit(random), length) + unit(random),
  (random, length) => flood(unit(random), length / 2) + flood(unit(random), length / 2),
  (random, length) => draw(length, () => unit(random)),
  (random, length) => drawOf(random, length, [unit(random), unit(random), unit(random), unit(random)]),
  (random, length) => draw(length, () => String.fromCharCode(32 + random(95))),
  (random, length) => draw(length, () => String.fromCharCode(random(0x1_0000))),
  (random, length) => drawOf(random, length, [..."0123456789abcdef"]),
  (random, length) => drawOf(random, length, [..."ABCDEFGHabcdefgh01234567+/"]),
  (random, length) => drawOf(random, length, ["a", "b"]),
  (random, length) => draw(length, (at) => `${word(random)}${at};`),
  nested,
  sidewards,
  withinItself,
  many,
  address,
];

/** A string of at most this many characters. */
export function createText(random: Random, length: number): string {
  const form = FORMS[random(FORMS.length)] ?? nested;
  return form(random, length).slice(0, length);
}

function unit(random: Random): string {
  return random(3) === 0 ? word(random) : (PIECES[random(PIECES.length)] ?? "");
}

function word(random: Random): string {
  return WORDS[random(WORDS.length)] ?? "";
}

function flood(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / Math.max(1, piece.length)));
}

function draw(length: number, next: (at: number) => string): string {
  const pieces: string[] = [];
  for (let size = 0; size < length; ) {
    const piece = next(pieces.length);
    pieces.push(piece);
    size += Math.max(1, piece.length);
  }
  return pieces.join("");
}

function drawOf(random: Random, length: number, of: readonly string[]): string {
  return draw(length, () => of[random(of.length)] ?? "");
}

/** JSON as deep as it is long. */
function nested(random: Random, length: number): string {
  const name = JSON.stringify(random(2) === 0 ? "a" : word(random));
  const [open, close] =
    random(2) === 0 ? [`{${name}:`, "}"] : random(2) === 0 ? ["[", "]"] : [`[{${name}:`, "}]"];
  const depth = Math.max(0, Math.floor((length - 20) / (open.length + close.length)));
  const inner = JSON.stringify(unit(random).slice(0, 8));
  return open.repeat(depth) + inner + close.repeat(depth);
}

/** Deep JSON with another entry at every level. */
function sidewards(random: Random, length: number): string {
  const name = JSON.stringify(word(random).slice(0, 12));
  const open = random(2) === 0 ? `{"b":1,${name}:` : `[1,`;
  const close = open.startsWith("{") ? "}" : ",2]";
  const depth = Math.max(0, Math.floor((length - 20) / (open.length + close.length)));
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}

/** JSON in JSON in JSON. */
function withinItself(random: Random, length: number): string {
  let text = JSON.stringify({ [word(random)]: unit(random) });
  while (text.length * 2.2 + 20 < length) {
    const piece = { [word(random)]: text };
    text = JSON.stringify(random(2) === 0 ? piece : { ...piece, note: text.slice(0, text.length / 2) });
  }
  return text;
}

/** An object or a list of many small strings. */
function many(random: Random, length: number): string {
  const isList = random(2) === 0;
  const entry = () => {
    const value = random(4) === 0 ? { name: word(random), value: unit(random) } : unit(random);
    return isList
      ? JSON.stringify(value)
      : `${JSON.stringify(word(random) + random(1_000))}:${JSON.stringify(value)}`;
  };
  const entries: string[] = [];
  for (let size = 50; size < length; size += (entries.at(-1)?.length ?? 0) + 1) entries.push(entry());
  entries.pop();
  return isList ? `[${entries.join(",")}]` : `{${entries.join(",")}}`;
}

/** Almost an address. */
function address(random: Random, length: number): string {
  const part = () => drawOf(random, 1 + random(length / 3), [unit(random), unit(random), "a"]);
  return `${["http://", "https://a:b@c", "//", "data:", ""][random(5)]}${part()}/${part()}?${part()}#${part()}`;
}
