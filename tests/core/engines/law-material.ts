/** Material for the tests of the law. */
import type { End } from "../../../server-bridge/src/core/django/expiry.ts";
import type { Engine, RenameResult } from "../../../server-bridge/src/core/engines/engine.ts";
import { renameSession } from "../../../server-bridge/src/core/engines/rename.ts";

/** Keys that no engine ever made. */
export const ABSURD_KEYS = {
  "with a NUL": "abcdefgh\0ijklmnop",
  "of 10 kB": "k".repeat(10_240),
  "named __proto__": "__proto__",
  "named constructor": "constructor",
  "that climbs directories": "../../../../etc/passwd",
  "with an emoji": "😀".repeat(9),
  "with half a character": "abcdefgh\ud800",
  "with SQL in it": "' OR '1'='1' -- ",
  "that is only blanks": "          ",
};

/** True for the result of a load without a session. */
export function isNothing(loaded: unknown): boolean {
  return loaded === null || loaded === "expired";
}

/** The string with its first letter in the other case. */
export function flipCase(text: string): string {
  return text.replace(/[a-z]/i, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
}

/** What a session does to move to a new key. */
export function rename(
  engine: Engine,
  key: string,
  text: string,
  end: End,
  oldKey: string,
  expected: string | null = null,
): Promise<RenameResult> {
  return renameSession(engine, key, { text, end }, { key: oldKey, text: expected });
}
