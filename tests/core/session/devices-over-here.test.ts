/** Sessions that have ended for this library and not for Django on the same store, which knows no deadline: endAll ends them. */
import { cachedDatabase, database, type Engine, file, memory } from "session-bridge";
import { afterAll, describe, expect, it } from "vitest";
import { makeDirectory } from "../engines/servers.ts";
import { library, NOW } from "../library.ts";

const users = { of: (session: { get(key: string): unknown }) => session.get("user_id") };
const TWO_WEEKS_MS = 14 * 24 * 3_600_000;
const folder = await makeDirectory();
afterAll(() => folder.remove());

const ENGINES: Record<string, () => Engine> = {
  SQLite: () => database("sqlite::memory:"),
  "a cache in memory in front of SQLite": () => cachedDatabase(memory(), "sqlite::memory:"),
  files: () => file(folder.address),
};

describe.each(Object.entries(ENGINES))("with absoluteAge on %s", (_, make) => {
  it.each([
    ["that is in the index", {}],
    ["that a reindex has to find", { reindex: true }],
  ])("endAll ends a session %s, over here and saved by Django", async (_name, options) => {
    const { sessions, time } = library({ engine: make(), users, absoluteAge: 3600 });
    await sessions.migrate();
    const { engine } = sessions;
    const session = sessions.open();
    session.set("user_id", 7);
    await session.save();
    const key = session.sessionKey ?? "";
    const stored = await engine.load(key);
    const text = typeof stored === "object" ? (stored?.text ?? "") : "";
    const end = { expiresAtMs: NOW + TWO_WEEKS_MS, ageSeconds: TWO_WEEKS_MS / 1000 };
    await engine.update(key, text, end, null); // Django's save moves the expiry, and knows no owner
    if ("reindex" in options) await engine.users?.remove("7", [key]);

    time.now += 3_600_000;
    const listed: unknown[] = [];
    for await (const device of sessions.forUser(7)) listed.push(device);
    const { ended } = await sessions.endAll(7, options);

    expect(listed).toEqual([]);
    expect(ended).toBe(0); // for this library it had ended before
    expect(await engine.exists(key)).toBe(false);
    await sessions.close();
  });
});
