/** Why `session-bridge django` cannot read the site's table, in one sentence with the next step. */
import { codeOf, describeError, messageOf } from "../core/errors.ts";

/** By the codes of drivers and SQL: what they say themselves may quote a password. */
const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: "does not answer",
  ENOTFOUND: "does not answer",
  EAI_AGAIN: "does not answer",
  ETIMEDOUT: "does not answer",
  EHOSTUNREACH: "does not answer",
  ENOENT: "does not answer",
  "28P01": "refuses the login",
  "28000": "refuses the login",
  ER_ACCESS_DENIED_ERROR: "refuses the login",
  "3D000": "does not exist",
  ER_BAD_DB_ERROR: "does not exist",
};

/** What to do, by the fault. */
const STEPS: Readonly<Record<string, string>> = {
  "does not answer": "Start it, or pass another with --database.",
  "refuses the login": "Set DATABASE_URL to an address with the right user and password.",
  "does not exist": "Create it, and run python manage.py migrate.",
};

const NO_TABLE = "Run python manage.py migrate.";
const WITHOUT_DATABASE =
  "Set DATABASE_URL to an address with the right user and password, and leave out --database.";

/**
 * @param error what the engine threw
 * @param isGiven whether the address was given as `--database`, which comes before `DATABASE_URL`
 */
export function explainTable(error: unknown, isGiven: boolean): string {
  const cause: unknown = Reflect.get(Object(error), "cause");
  const code = codeOf(cause);
  const table = /the table (\S+) does not exist/.exec(messageOf(error))?.[1];
  if (table !== undefined) return `the database has no table ${table}. ${NO_TABLE}`;
  const fault = BY_CODE[code];
  if (fault === undefined) return `the database cannot be read: ${describeError(error)}`;
  const step = isGiven && fault === "refuses the login" ? WITHOUT_DATABASE : STEPS[fault];
  return `the database ${fault} (${code}). ${step}`;
}
