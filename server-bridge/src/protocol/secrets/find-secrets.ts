/**
 * Finds the secrets in a text by their forms, for what a trace shows and what an export holds. Every step reads the text
 * once from left to right, so the work grows with its length and with nothing else. It errs on the side of hiding.
 */
import { findAssigned, findPasswordsInAddresses } from "./assignments.ts";
import { type Found, joinSpans, type Span } from "./found.ts";
import { classesOf, DIGIT, TOKEN } from "./letters.ts";
import { findStepsInPaths } from "./paths.ts";
import { findByBeginning, findPemKeys } from "./prefixes.ts";
import { findCards, findRandomText, LEAST_CARD, LEAST_PIECE } from "./random-text.ts";

/** The shortest text that has a secret's form: `pin=1234`. */
const LEAST = 8;

/** What a text holds, for leaving out the steps that can find nothing in it. */
interface Traits {
  digits: number;
  /** The longest run of a token's letters. */
  longest: number;
  colon: boolean;
  slash: boolean;
  /** `=`, also in a link within a link. */
  equals: boolean;
}

/** The places of secrets, ordered and apart from each other. */
export function findSecrets(text: string): Span[] {
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

/** True when a secret's form is anywhere in the text. */
export function looksSecret(text: string): boolean {
  return findSecrets(text).length > 0;
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
