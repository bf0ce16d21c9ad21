/**
 * Finds the secrets in a text by their form, for what a trace shows and what an export contains. Every step reads the
 * text, and each of its few layers, once from left to right, so the work grows only with its length. When in doubt, it
 * hides.
 */
import { findAssigned, findPasswordsInAddresses } from "./assignments.ts";
import { type Found, joinSpans, type Span, withoutSpans } from "./found.ts";
import { beginsEncoded, innerTexts, MAX_LAYERS } from "./layers.ts";
import { classesOf, DIGIT, TOKEN } from "./letters.ts";
import { findStepsInPaths } from "./paths.ts";
import { findByBeginning, findPemKeys } from "./prefixes.ts";
import { findCards, findRandomText, LEAST_CARD, LEAST_PIECE } from "./random-text.ts";

/** The shortest text that can have a secret's form: `pin=1234`. */
const LEAST = 8;

/** What a text contains, so that steps that can find nothing in it are skipped. */
interface Traits {
  digits: number;
  /** The longest run of token characters. */
  longest: number;
  colon: boolean;
  slash: boolean;
  /** `=`, even in a link within a link. */
  equals: boolean;
}

/**
 * The places of secrets, in order and not overlapping. If a secret shows only after decoding, the whole text is one
 * place.
 */
export function findSecrets(text: string): Span[] {
  const spans = findInPlace(text);
  return tellsDecoded(withoutSpans(text, spans)) ? [{ start: 0, end: text.length }] : spans;
}

/** True if a secret's form is anywhere in the text, as it is or decoded. */
export function looksSecret(text: string): boolean {
  return findInPlace(text).length > 0 || tellsDecoded(text);
}

/** True if a secret shows once the text is decoded, or if the text is then still encoded. */
export function tellsDecoded(text: string): boolean {
  if (!mayBeEncoded(text)) return false;
  let layer = 0;
  for (const inner of innerTexts(text)) {
    layer += 1;
    if (layer > MAX_LAYERS || findInPlace(inner).length > 0) return true;
  }
  return false;
}

/** The text after one layer after the other is decoded, and the secrets that show in it then. */
export function decodedForms(text: string): string[] {
  if (!mayBeEncoded(text)) return [];
  const forms: string[] = [];
  for (const inner of innerTexts(text)) {
    forms.push(inner);
    for (const { start, end } of findInPlace(inner)) forms.push(inner.slice(start, end));
  }
  return forms;
}

/** The places of secrets that show in the text as it is. */
export function findInPlace(text: string): Span[] {
  if (text.length < LEAST) return [];
  const found: Found = [];
  const { digits, longest, colon, slash, equals } = traitsOf(text);
  if (longest >= LEAST) findByBeginning(text, found);
  if (colon || equals) findAssigned(text, found);
  if (colon && slash) findPasswordsInAddresses(text, found);
  if (slash) findStepsInPaths(text, found);
  if (digits > 0 && longest >= LEAST_PIECE) findRandomText(text, found);
  if (digits >= LEAST_CARD) findCards(text, found);
  findPemKeys(text, found);
  return found.length < 2 ? found : joinSpans(found);
}

function mayBeEncoded(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (beginsEncoded(text.charCodeAt(at))) return true;
  return false;
}

function traitsOf(text: string): Traits {
  const traits: Traits = { digits: 0, longest: 0, colon: false, slash: false, equals: false };
  let run = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const classes = classesOf(code);
    run = (classes & TOKEN) === 0 ? 0 : run + 1;
    if (run > traits.longest) traits.longest = run;
    if ((classes & DIGIT) !== 0) traits.digits += 1;
    else if (code === 0x3a) traits.colon = true;
    else if (code === 0x2f) traits.slash = true;
    else if (code === 0x3d || code === 0x25) traits.equals = true;
  }
  return traits;
}
