/** The library's name, and the session cookies of both of its majors. */

/** The library's name: its calls are published under it. */
export const LIBRARY = "Auth.js";

/** 5: `next-auth@5` and every `@auth/…` package. 4: `next-auth@4`. */
export type Major = 4 | 5;

const NAMES = { 4: "next-auth.session-token", 5: "authjs.session-token" };
const PREFIX = "__Secure-";

/** Every name that an app has without its own settings. */
export const DEFAULT_NAMES: readonly string[] = Object.values(NAMES).flatMap((name) => [name, PREFIX + name]);

/** The name that the library chooses: with the prefix if its address in the environment begins with `https:`. */
export function chooseName(major: Major, environment: NodeJS.ProcessEnv): string {
  const address = (major === 5 ? environment["AUTH_URL"] : undefined) ?? environment["NEXTAUTH_URL"] ?? "";
  return /^https:/i.test(address.trim()) ? PREFIX + NAMES[major] : NAMES[major];
}

/** The major that a cookie of this name is from; null if the name says nothing. */
export function majorOf(name: string): Major | null {
  const plain = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  return plain === NAMES[4] ? 4 : plain === NAMES[5] ? 5 : null;
}
