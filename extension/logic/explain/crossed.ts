/** Responses that overlapped, and what the browser then holds: an older cookie, or chunks of two. */
import type { ChunkOrigin, Facts, Rule } from "./facts.ts";
import { sayName } from "./words.ts";

type Late = NonNullable<Facts["late"]>;

export const CROSSED: readonly Rule[] = [
  {
    name: "older-cookie-arrived-last",
    about: "cookie",
    claims: ["an older one arrived last"],
    explain({ name, wholeName, late = null }) {
      if (late === null) return null;
      const { sentence, step } = sayLate(sayName(wholeName ?? name), late);
      return {
        sentence: `The server sent the response to ${late.older.row} before that to ${late.newer.row}, and the browser got it after that: ${sentence}`,
        remedy: `${step} To prevent it, let the page wait for requests that are under way, or abort them, before it signs in or out.`,
      };
    },
  },
  {
    name: "chunks-of-two-generations",
    about: "cookie",
    claims: ["its chunks are of two values"],
    explain({ name, wholeName, mixed = null }) {
      if (mixed === null) return null;
      return { sentence: sayMixed(wholeName ?? name, mixed), remedy: MIXED_STEP };
    },
  },
];

/** What helps if chunks do not belong together. */
export const MIXED_STEP =
  "Delete the cookie in the list, which deletes all of its chunks, and sign in again.";

/** Which response set which chunk. */
export function sayMixed(whole: string, chunks: readonly ChunkOrigin[]): string {
  const parts = chunks.map(
    ({ name, row }) => `${sayName(name)} is of ${row ?? "no response in this timeline"}`,
  );
  return `The chunks of ${sayName(whole)} are not of one response: ${parts.join(", ")}. The server cannot open what they are together.`;
}

/** What the browser holds, and what to do now. */
function sayLate(name: string, { older, newer }: Late): { sentence: string; step: string } {
  if (newer.isDeletion)
    return {
      sentence: `the older ${name} is back, which the newer response had deleted. If that was a logout, and the server still accepts the older one, the visitor is logged in again.`,
      step: "Sign out again.",
    };
  if (older.isDeletion)
    return {
      sentence: `the older response deleted the ${name} that the newer one had set. If that was a login, the visitor is logged out again.`,
      step: "Sign in again.",
    };
  return {
    sentence: `the browser holds the older ${name}, and not the newer one.`,
    step: "Repeat what the newer request did.",
  };
}
