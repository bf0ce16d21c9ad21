/**
 * Estimates how many bits a token holds, by finding the briefest description of it that a guesser could use.
 *
 * A string is read from its start. At each position the estimate uses whatever saves most: the character itself, a
 * piece that occurred before (also backwards), a row that continues (alphabet, digits, keyboard; also two or three rows
 * in turn, as in `a1b2c3`), or a word that people put into tokens. Each costs about the bits needed to specify it. So a
 * string drawn at random, which no description can shorten, loses 32 bits only about once in a few thousand million.
 * The estimate is too high where only knowledge helps: the digest of a word, an obscure sentence, a token from a
 * manual.
 */

/** Bits of one character drawn at random from the smallest usual alphabet that contains the string's characters. */
export function bitsEach(text: string): number {
  if (/^\d*$/.test(text)) return Math.log2(10);
  if (/^[0-9a-f]*$/i.test(text)) return 4;
  if (/^(?:[a-z]*|[A-Z]*)$/.test(text)) return Math.log2(26);
  return /^(?:[a-z0-9]*|[A-Z0-9]*)$/.test(text) ? 5 : 6;
}

/** The rest of a longer token is not examined: this much is either strong or not. */
const MAX_LENGTH = 512;

/** Bits of the briefest description. */
export function estimateBits(text: string): number {
  const part = text.slice(0, MAX_LENGTH);
  const each = bitsEach(part);
  const lower = part.toLowerCase();
  const seen = new Set<string>();
  let bits = 0;
  for (let at = 0; at < part.length; ) {
    const character = part.charAt(at);
    let best: Piece = {
      length: 1,
      bits: seen.has(character) && /[^A-Za-z0-9]/.test(character) ? SEPARATOR_BITS : each,
    };
    for (const piece of [findRepeat(lower, at), findRow(lower, at), findWord(lower, at)]) {
      const saved = piece.length * each - piece.bits;
      if (piece.length > 0 && saved > best.length * each - best.bits) best = piece;
    }
    seen.add(character);
    bits += best.bits;
    at += best.length;
  }
  return bits;
}

/** `-` or `_` again. */
const SEPARATOR_BITS = 3;

/** How many characters a description covers, and what it costs. Length 0: it does not apply. */
interface Piece {
  length: number;
  bits: number;
}

const NONE: Piece = { length: 0, bits: 0 };

/** Shorter repetitions occur by chance. */
const MIN_REPEAT = 4;
/** For where it occurred, how long it is, and in which direction. */
const REPEAT_BITS = 12;

function findRepeat(lower: string, at: number): Piece {
  let longest = 0;
  for (let from = 0; from < at; from += 1) {
    if (lower[from] !== lower[at]) continue;
    let ahead = 0;
    while (at + ahead < lower.length && lower[from + ahead] === lower[at + ahead]) ahead += 1;
    let back = 0;
    while (back <= from && at + back < lower.length && lower[from - back] === lower[at + back]) back += 1;
    longest = Math.max(longest, ahead, back);
  }
  return longest < MIN_REPEAT ? NONE : { length: longest, bits: REPEAT_BITS };
}

/** Each continues at its start again. */
const ROWS = [
  "abcdefghijklmnopqrstuvwxyz",
  "0123456789",
  "0123456789abcdef",
  "abcdef",
  "qwertyuiop[]",
  "qwertyuiopasdfghjklzxcvbnm",
  "asdfghjkl;'",
  "zxcvbnm,./",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
  "!@#$%^&*()_+",
];
const MIN_ROW = 5;
/** For how many rows take turns, in which direction, and how far. */
const ROW_BITS = 12;
/** For each character, which of the rows it is in, until that is clear. */
const ROW_BITS_EACH = 0.5;
const ROW_CLEAR = 24;

/**
 * For each direction (next, back, and each with one left out): 1 if a row leads from one ASCII character to another.
 */
const LEADS = [1, -1, 2, -2].map((step) => {
  const leads = new Uint8Array(128 * 128);
  for (const row of ROWS) {
    for (let at = 0; at < row.length; at += 1) {
      leads[pairAt(row.charCodeAt(at), row.charCodeAt((at + step + row.length) % row.length))] = 1;
    }
  }
  return leads;
});

function pairAt(before: number, here: number): number {
  return (before % 128) * 128 + (here % 128);
}

function findRow(lower: string, at: number): Piece {
  let longest = 0;
  for (let turn = 1; turn <= 3 && turn <= at; turn += 1) {
    for (const leads of LEADS) {
      let end = at;
      while (end < lower.length && leads[pairAt(lower.charCodeAt(end - turn), lower.charCodeAt(end))])
        end += 1;
      longest = Math.max(longest, end - at);
    }
  }
  return longest < MIN_ROW
    ? NONE
    : { length: longest, bits: ROW_BITS + Math.min(longest, ROW_CLEAR) * ROW_BITS_EACH };
}

/** For which word it is, and that it is one. */
const WORD_BITS = 12;
/** Letters that people write as digits or signs to disguise a word. */
const DISGUISES: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

function findWord(lower: string, at: number): Piece {
  const written = lower.slice(at, at + MAX_WORD);
  const plain = Array.from(written, (character) => DISGUISES[character] ?? character).join("");
  if (!STARTS.has(plain.slice(0, MIN_WORD)) && !STARTS.has(written.slice(0, MIN_WORD))) return NONE;
  for (let length = written.length; length >= MIN_WORD; length -= 1) {
    if (WORDS.has(plain.slice(0, length)) || WORDS.has(written.slice(0, length))) {
      return { length, bits: WORD_BITS };
    }
  }
  return NONE;
}

/** Words in tokens that people make up, and in example tokens. */
const WORDS: ReadonlySet<string> = new Set(
  (
    "access admin administrator after allow amet april august auth authentication authorization autumn babe baseball battery " +
    "beef before bridge brown cafe change changeme client code company confidential consectetur correct daemon data database " +
    "dead debug december default demo deploy developer development devel devtools django dolor dragon dummy eight elit empty " +
    "example express face fake feed february feedface fish five fixme football four friday github gitlab guest hello here " +
    "hidden horse hunter insert internal ipsum jane january john july jump jumps june lazy letmein local localhost login lorem " +
    "love machine magic march master monday monkey mongo must never nine node none november null october only open over pass passphrase " +
    "passwd password placeholder please postgres princess private prod production project public qwerty quick random redis " +
    "replace root safe sample sandbox saturday secret secure security september server service sesame session sessions seven " +
    "shadow shop shared sign signing site spring staging staple star store string strong summer sunday sunshine super system " +
    "team temp temporary test tester testing tests text that their this three thursday todo token tokens trust tuesday user " +
    "users value very welcome winter wednesday with word world your yours " +
    "abc api app bar baz bot car cat day dev dog fox foo for key keys log man man may new not now one our own pwd qux six some " +
    "ten the two use web you zero 2020 2021 2022 2023 2024 2025 2026 2027 2028 2029 2030"
  ).split(" "),
);
const MIN_WORD = 3;
/** Most positions start no word: the first three letters show it. */
const STARTS: ReadonlySet<string> = new Set(Array.from(WORDS, (word) => word.slice(0, MIN_WORD)));
const MAX_WORD = Math.max(...Array.from(WORDS, (word) => word.length));
