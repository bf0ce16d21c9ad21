/** Where the sessions are that no bridge reads: kept by a service, or sealed in a cookie. One true sentence for each. */
import { AUTH0_LOGIN, keptBy } from "../decoders/decoded.ts";

const DECODED = "This tab decodes the cookie; the server has no more that a bridge could show.";
const UNOPENED = "no bridge opens it yet.";

/** Each follows "This page's session cookie looks like X's." */
const KEEPERS: Readonly<Record<string, string>> = {
  Clerk: `${keptBy("Clerk")} ${DECODED}`,
  Supabase: `${keptBy("Supabase")} ${DECODED}`,
  SuperTokens: `${keptBy("SuperTokens' core")} This tab decodes the claims in the cookie, and no bridge asks the core for more yet.`,
  WorkOS: `${keptBy("WorkOS")} The cookie is sealed with the app's WORKOS_COOKIE_PASSWORD, and ${UNOPENED}`,
  Auth0: `${AUTH0_LOGIN} What the app keeps of it is sealed with its own secret, and ${UNOPENED}`,
  Adonis: `AdonisJS signs or encrypts it with the app's APP_KEY, and ${UNOPENED}`,
  h3: `It is sealed with the app's password, and ${UNOPENED}`,
  Nuxt: `It is sealed with the app's NUXT_SESSION_PASSWORD, and ${UNOPENED}`,
  "TanStack Start": `It is sealed with the app's password, and ${UNOPENED}`,
};

/** The sentence about this framework's sessions; null if it is not one of these. */
export function sayKeeper(framework: string): string | null {
  return Object.hasOwn(KEEPERS, framework) ? (KEEPERS[framework] ?? null) : null;
}
