/**
 * What the library needs from its environment, as functions: time, randomness, a log. Tests pass their own. Also the
 * filter that every line passes through before it is printed.
 */

import { PREFIX, refuseOldNode } from "./errors.ts";

refuseOldNode(); // each entry point imports this file: later, such a Node fails in words that do not name the reason

/** Milliseconds since 1970; fractions allowed. For example `Date.now`. */
export type Clock = () => number;

/** Returns `count` unpredictable bytes. For example `randomBytes` of `node:crypto`. */
export type Random = (count: number) => Uint8Array;

/** Receives one line for the operator: place, what, remedy; never a value, a secret or a whole key. */
export type Log = (line: string) => void;

/**
 * Control, bidirectional, zero-width and line-separating characters, and unassigned code points: terminals obey them,
 * or people cannot see them.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Longer lines say nothing more; they may contain a stranger's Host or path. */
const MAX_LINE = 2_000;

/** The string with every invisible character written as JSON escapes it: `\u001b`. */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (found) =>
    Array.from(
      { length: found.length },
      (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/**
 * A log for lines that may contain anything: each becomes a single, fully visible line of bounded length that begins with
 * the name of this package. Callers write lines without it.
 */
export function createSafeLog(log: Log): Log {
  return (line) => {
    const text = String(line);
    const named = text.startsWith(PREFIX) ? text : PREFIX + text;
    log(escapeUnseen(named.length > MAX_LINE ? `${named.slice(0, MAX_LINE)}…` : named));
  };
}

/** The console, for parts that receive no log. */
export const warn: Log = createSafeLog((line) => console.warn(line));

/** A function that passes its first call on, and ignores all later ones. */
export function once<Given extends unknown[]>(act: (...given: Given) => void): (...given: Given) => void {
  let isDone = false;
  return (...given) => {
    if (isDone) return;
    isDone = true;
    act(...given);
  };
}
