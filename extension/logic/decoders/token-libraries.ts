/**
 * Whose token a JWT or a JWE is: many libraries write the same forms, so the cookie's name decides, and a claim where the name
 * is anyone's.
 */
import { AUTH0_LOGIN, keptBy } from "./decoded.ts";

/** A library, and what a reader must know about its sessions. */
interface TokenLibrary {
  title: string;
  notes: readonly string[];
}

interface Rule extends TokenLibrary {
  /** Matched against the name without `__Host-` and `__Secure-`, and without the number of a chunk. */
  name: RegExp;
  form: "JWT" | "JWE";
  /** Claims that such a token has; absent: the name is enough. */
  fits?: (claims: TokenClaims) => boolean;
}

/** A JWE shows none. */
type TokenClaims = Readonly<Record<string, unknown>>;

const CLERK = { title: "Clerk", notes: [keptBy("Clerk")] };
const SUPERTOKENS = { title: "SuperTokens", notes: [keptBy("SuperTokens' core")] };
const AUTH0 = { title: "Auth0", notes: [AUTH0_LOGIN] };

const RULES: readonly Rule[] = [
  { title: "NextAuth.js", notes: [], form: "JWE", name: /^next-auth\.session-token$/ },
  { title: "Auth.js", notes: [], form: "JWE", name: /^authjs\.session-token$/ },
  { title: "Better Auth", notes: [], form: "JWT", name: /\.session_data$/ },
  { title: "Better Auth", notes: [], form: "JWE", name: /\.session_data$/ },
  { ...CLERK, form: "JWT", name: /^__session$/, fits: isOfClerk },
  { ...CLERK, form: "JWT", name: /^__session_[\w-]{8}$/ },
  { ...SUPERTOKENS, form: "JWT", name: /^sAccessToken$/ },
  { ...AUTH0, form: "JWE", name: /^(?:__session|appSession|__txn_.+|__FC_\d+)$/ },
];

function isOfClerk({ sid }: TokenClaims): boolean {
  return typeof sid === "string" && sid.startsWith("sess_");
}

/** The library whose token it is under this name; null if the name could be anyone's. */
export function findTokenLibrary(name: string, form: Rule["form"], claims: TokenClaims): TokenLibrary | null {
  const bare = name.replace(/^__(?:Host|Secure)-/i, "");
  return (
    RULES.find((rule) => rule.form === form && rule.name.test(bare) && (rule.fits?.(claims) ?? true)) ?? null
  );
}
