/** The list of a user's sessions, their end and its undo, on every engine that keeps an index of users. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cache, cachedDatabase, database, type Engine, file, memory, sqlite } from "session-bridge";
import { expect, it, onTestFinished } from "vitest";
import { hasRedis, startRedis } from "../../core/engines/redis-server.ts";
import { makeMariadbDatabase, makePostgresDatabase, servers } from "../../core/engines/servers.ts";
import { call, readSession } from "../site.ts";
import { endOthers, isLoggedIn, list, logIn, open, time } from "../users-site.ts";

const ENGINES: readonly [name: string, make: () => Engine | Promise<Engine>, isThere?: boolean][] = [
  ["cache in memory", () => cache("memory:")],
  ["SQLite", () => database("sqlite::memory:")],
  ["a cache in front of SQLite", () => cachedDatabase(memory(), sqlite(":memory:"))],
  [
    "file",
    () => {
      const directory = mkdtempSync(join(tmpdir(), "bridge-devices-"));
      onTestFinished(() => rmSync(directory, { recursive: true }));
      return file(directory);
    },
  ],
  [
    "Redis",
    async () => {
      const server = await startRedis();
      onTestFinished(() => server.stop());
      return cache(server.address);
    },
    hasRedis,
  ],
  ["PostgreSQL", async () => database(await addressOf(makePostgresDatabase)), servers.postgres],
  ["MariaDB", async () => database(await addressOf(makeMariadbDatabase)), servers.mariadb],
];

async function addressOf(make: typeof makePostgresDatabase): Promise<string> {
  const { address, remove } = await make();
  onTestFinished(remove);
  return address;
}

for (const [name, make, isThere = true] of ENGINES) {
  it.skipIf(!isThere)(`with ${name}, ended sessions come back as they were, in their places`, async () => {
    const site = await open({ engine: await make() });
    // Redis counts down by its server's clock, while this test takes its time
    const same = (ms: number) => (name === "Redis" ? expect.closeTo(ms, -4) : ms);
    const mine = await logIn(site);
    time.now += 1_000;
    const theirs = await logIn(site);
    time.now += 30_000;
    await theirs.visit("/set?cart=1");
    const other = await logIn(site);
    const bob = await logIn(site, 7);
    const before = (await list(site, mine)).json;
    expect(before).toMatchObject({ total: 3, canUndo: true });
    const stored = await readSession(site, theirs.cookie);

    const ended = await endOthers(site, mine);
    expect(ended.json).toMatchObject({ ended: 2 });
    const still = [mine, theirs, other, bob].map((each) => isLoggedIn(site, each));
    expect(await Promise.all(still)).toEqual([true, false, false, true]);
    expect((await list(site, mine)).json.total).toBe(1);

    time.now += 2_000;
    const body = { cookie: mine.cookie, kept: ended.json.kept };
    expect((await call(site, "restore-others", body)).json).toMatchObject({ restored: 2, left: 0 });
    expect(await readSession(site, theirs.cookie)).toEqual({ ...stored, expiresAt: same(stored.expiresAt) });
    const listed = before.sessions.map((one: { expiresAt: number }) => ({
      ...one,
      expiresAt: same(one.expiresAt),
    }));
    expect((await list(site, mine)).json.sessions).toEqual(listed);
    expect((await site.sessions.endAll(123)).ended).toBe(3);
  });
}
