/** The sites on which pairs are played, by the names that plays use. */
const SITES = {
  /** This library, sessions in files. */
  files: { entry: "tests/e2e/sites/why.ts", env: {} },
  /** The same, with `saveEveryRequest`. */
  "saved always": { entry: "tests/e2e/sites/why.ts", env: { SAVES_ALWAYS: "true" } },
  /** This library, sessions in signed cookies. */
  "signed cookies": { entry: "tests/e2e/sites/why.ts", env: { ENGINE: "signed-cookies" } },
  /** express-session, which stores the whole session as each request has loaded and changed it. */
  "express-session": { entry: "tests/e2e/sites/express-held.ts", env: {} },
} satisfies Record<string, { entry: string; env: Record<string, string> }>;

export type SiteName = keyof typeof SITES;

/** Its program, from the repository's root, and the environment that makes it this site. */
export function siteOf(name: SiteName): { entry: string; env: Record<string, string> } {
  return SITES[name];
}
