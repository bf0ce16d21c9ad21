/**
 * Better Auth in the tab, with the real package. Here on Express with SQLite; in the field on each database and host, with
 * each form of the copy in a cookie.
 */
import pg from "pg";
import { describeAccepted } from "./accepted.ts";
import { type AuthOptions, createSecondStore, type Host } from "./app.ts";
import { describeAttacks } from "./attacks.ts";
import { describeEdits } from "./edits.ts";
import { describeNames } from "./names.ts";
import { describeSameAnswers } from "./same-answers.ts";
import { describeStory, type Kind } from "./story.ts";

const isField = process.env["SESSIONS_FIELD"] === "true";
const STRATEGIES = ["compact", "jwt", "jwe"] as const;

function withCopies(strategy: (typeof STRATEGIES)[number]) {
  return { session: { cookieCache: { enabled: true, strategy } } };
}

/** With a second store in front of the database, or instead of it. */
function inSecondStore(alsoInDatabase: boolean): AuthOptions {
  return {
    secondaryStorage: createSecondStore(),
    session: { storeSessionInDatabase: alsoInDatabase },
  };
}

async function onPostgres(host: Host, more: AuthOptions) {
  const { makePostgresDatabase } = await import("../../core/engines/servers.ts");
  const place = await makePostgresDatabase();
  const database = new pg.Pool({ connectionString: place.address });
  const remove = () => database.end().then(() => place.remove());
  return { host, auth: { database, ...more }, remove };
}

const SMALL: Kind[] = [
  { name: "Express, SQLite", options: async () => ({}) },
  {
    name: "Express, SQLite, two instances as in a bundle, copies as jwe",
    options: async () => ({ bundled: true, auth: withCopies("jwe") }),
  },
];

const LARGE: Kind[] = [
  ...STRATEGIES.flatMap((strategy): Kind[] => [
    { name: `Express, SQLite, copies as ${strategy}`, options: async () => ({ auth: withCopies(strategy) }) },
    {
      name: `Hono, PostgreSQL, copies as ${strategy}`,
      options: () => onPostgres("hono", withCopies(strategy)),
    },
  ]),
  { name: "Express, PostgreSQL", options: () => onPostgres("express", {}) },
  { name: "Hono, SQLite", options: async () => ({ host: "hono" }) },
  { name: "in a second store only", options: async () => ({ auth: inSecondStore(false) }) },
  { name: "in a second store and the database", options: async () => ({ auth: inSecondStore(true) }) },
];

for (const kind of isField ? [...SMALL, ...LARGE] : SMALL) describeStory(kind);
for (const strategy of isField ? STRATEGIES : (["compact"] as const)) describeAccepted(strategy);
describeAttacks();
describeEdits();
describeNames(isField);
describeSameAnswers(isField ? 100 : 30);
