/**
 * What the library takes from the machine it runs on, as functions: time, randomness, a log. Tests pass their own. Also what
 * every line goes through before it is printed.
 */

/** Milliseconds since 1970; fractions allowed. `Date.now` is one. */
export type Clock = () => number;

/** `count` bytes that cannot be guessed. `node:crypto`'s `randomBytes` is one. */
export type Random = (count: number) => Uint8Array;

/** Takes one line for the operator: place, what, remedy; never a value, a secret or a whole key. */
export type Log = (line: string) => void;

/**
 * Control, bidirectional, zero-width and line-separating characters, and what is no character: a terminal obeys them, or people
 * cannot see them.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Longer lines say nothing more; a Host or a path of a stranger may be in them. */
const MAX_LINE = 2_000;

/** The text with every character that cannot be seen written as JSON writes it: `\u001b`. */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (found) =>
    Array.from(
      { length: found.length },
      (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
}

/** The log, for lines that may hold anything: each is one line that can be seen whole, of a bounded length. */
export function createSafeLog(log: Log): Log {
  return (line) => {
    const text = String(line);
    log(escapeUnseen(text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text));
  };
}

/** The console, for parts that are given no log. */
export const warn: Log = createSafeLog((line) => console.warn(line));
