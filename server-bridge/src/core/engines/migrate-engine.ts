/** The options of `sessions.migrate()`: checked once here, refused by the stores that cannot follow them. */
import { SessionError } from "../errors.ts";
import type { Engine, MigrateOptions } from "./engine.ts";

const MOST_PARTITIONS = 1024;

/** `sessions.migrate()`. Throws `SessionError("settings")` for options that are wrong, or that `engine` cannot follow. */
export async function migrateEngine(engine: Engine, given: MigrateOptions): Promise<void> {
  const options = parseMigrateOptions(given);
  if (engine.migrate === undefined) refusePartitions(options, `the engine ${engine.name}`);
  await engine.migrate?.(options);
}

/** Throws `SessionError("settings")` for an unknown option or a wrong number. */
function parseMigrateOptions(options: unknown): MigrateOptions {
  if (typeof options !== "object" || options === null)
    throw misfit("the argument is not an object", "Leave it out, or pass { partitions: 16 }");
  for (const name of Object.keys(options)) {
    if (name !== "partitions") throw misfit(`there is no option ${name}`, "The option is partitions");
  }
  const partitions: unknown = Reflect.get(options, "partitions");
  if (partitions === undefined) return {};
  const isFit = typeof partitions === "number" && Number.isInteger(partitions) && partitions >= 2;
  if (isFit && partitions <= MOST_PARTITIONS) return { partitions };
  throw misfit(
    `partitions is ${typeof partitions === "number" ? partitions : `a ${typeof partitions}`}`,
    `Pass a whole number from 2 to ${MOST_PARTITIONS}, or leave it out for a plain table`,
  );
}

/** Throws `SessionError("settings")` if partitions are asked of another store than PostgreSQL. @param store its name, for people */
export function refusePartitions({ partitions }: MigrateOptions, store: string): void {
  if (partitions !== undefined)
    throw misfit(`partitions are for PostgreSQL, and not for ${store}`, "Leave the option out");
}

/** An error of `sessions.migrate()`, as a sentence and its remedy. */
export function misfit(what: string, remedy: string): SessionError {
  return new SessionError("settings", `migrate: ${what}. ${remedy}.`);
}
