/** `clearExpired` while the SQLite file is replaced: what is in the new file is cleared, too. */
import { renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSessions, database } from "session-bridge";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeDirectory, type Place } from "./servers.ts";

const ROWS = 3000;

let place: Place;
beforeAll(async () => {
  place = await makeDirectory();
});
afterAll(() => place.remove());

it("goes on in the file that was put in the place of the one it began with", async () => {
  const [path, backup] = [join(place.address, "file.db"), join(place.address, "backup.db")];
  const sessions = createSessions({
    secretKey: "a secret",
    engine: database(`sqlite:${path}`),
    log: () => {},
  });
  await sessions.migrate();
  // Node 22.13 does not know the option, and waits
  const other = new DatabaseSync(path, { timeout: 5000 } as object);
  other.exec(`
    INSERT INTO django_session
      WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ROWS})
      SELECT lower(hex(randomblob(16))), 'e30:1abcde:x', datetime('now', '-1 hour') FROM numbers;
    VACUUM INTO '${backup}'`);
  other.close();
  const newer = new DatabaseSync(backup);
  newer.exec("INSERT INTO django_session VALUES ('alive', 'e30:1abcde:x', datetime('now', '+1 hour'))");
  newer.close();
  let isReplaced = false;
  const onProgress = (cleared: number) => {
    if (isReplaced || cleared === 0) return;
    isReplaced = true;
    renameSync(backup, path);
  };
  await sessions.clearExpired({ onProgress });
  await sessions.close();
  expect(isReplaced).toBe(true);
  const now = new DatabaseSync(path, { timeout: 5000 } as object);
  expect(now.prepare("SELECT session_key AS key FROM django_session").all()).toMatchObject([
    { key: "alive" },
  ]);
  expect(now.prepare("PRAGMA integrity_check").get()).toMatchObject({ integrity_check: "ok" });
  now.close();
});
