/**
 * The data of the measured sessions: a small one as in real applications (about 300 bytes of JSON) and a big one
 * (about 9.8 kB). Every contestant gets the same.
 */

/** A session's data that these pages use. */
export interface BenchData {
  user_id: number;
  username: string;
  n: number;
  [key: string]: unknown;
}

const SMALL: BenchData = {
  user_id: 123,
  username: "john_doe",
  n: 0,
  csrf: "q3vXl0cZ8nB7yTgKpWm2RdUe5sHfJaLo",
  locale: "en-GB",
  theme: "dark",
  cart: [
    { id: 4711, name: "Fountain pen", quantity: 1 },
    { id: 1147, name: "Ink, blue-black", quantity: 2 },
  ],
  visited: ["/", "/pens", "/inks", "/cart"],
  signed_in_at: "2026-11-23T09:30:00+00:00",
};

const BIG: BenchData = {
  ...SMALL,
  history: Array.from({ length: 130 }, (_, index) => ({
    id: 100_000 + index,
    title: `Article ${index} of the shop`,
    price: 1.5 * index,
    seen: index % 3 === 0,
  })),
};

const LOGIN: BenchData = { user_id: 123, username: "john_doe", n: 0 };

/** What a page puts into a visitor's new session: a login's keys, or a whole small or big session. */
export type Fill = "login" | "small" | "big";

/** The pages that fill sessions. Only `/login` is measured; the others make the sessions to measure with. */
export const FILLS: ReadonlyMap<string, Fill> = new Map([
  ["/login", "login"],
  ["/fill", "small"],
  ["/fill-big", "big"],
]);

const DATA: Record<Fill, BenchData> = { login: LOGIN, small: SMALL, big: BIG };

/** Fresh top-level entries, to be set one by one. */
export function entriesOf(fill: Fill): [string, unknown][] {
  return Object.entries(DATA[fill]);
}

/** The data as one object, for libraries that store it as a whole. */
export function dataOf(fill: Fill): BenchData {
  return { ...DATA[fill] };
}

/** The secret of every contestant that signs or encrypts. */
export const SECRET = "bench-secret-0123456789-0123456789-0123456789-0123456789";

/** Two weeks, Django's and most peers' period. */
export const AGE_SECONDS = 1_209_600;
