/** Both majors, for tests that hold for both. */
import { startFive, startFour } from "./sites.ts";

/** `age`: seconds for which a token is good. Version 4 takes only the cookie's age from `session.maxAge`. */
export const MAJORS = [
  { major: "Auth.js 5", start: startFive, version: 5, name: "authjs.session-token", age: 3600 },
  { major: "next-auth 4", start: startFour, version: 4, name: "next-auth.session-token", age: 30 * 86_400 },
] as const;
