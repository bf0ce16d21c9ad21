/** What the library takes from the machine it runs on, as functions: time, randomness, a log. Tests pass their own. */

/** Milliseconds since 1970; fractions allowed. `Date.now` is one. */
export type Clock = () => number;

/** `count` bytes that cannot be guessed. `node:crypto`'s `randomBytes` is one. */
export type Random = (count: number) => Uint8Array;

/** Takes one line for the operator: place, what, remedy; never a value, a secret or a whole key. */
export type Log = (line: string) => void;
