/** Writes whose answer is lost, with the setting `users`: after another try, the index has what is stored, and no more. */
import { cache, database, memory } from "session-bridge";
import { describe, expect, it } from "vitest";
import { type Loss, lossy, type Method } from "./lossy-store.ts";

const users = { of: (session: { get(key: string): unknown }) => session.get("user_id") };
const ENGINES = [
  ["memory", () => cache(memory())],
  ["SQLite", () => database("sqlite::memory:")],
] as const;

describe.each(ENGINES)("on %s, with users, when the answer is lost", (_name, make) => {
  const open = async () => {
    const made = await lossy(make, { users });
    const list = async (user: string) => {
      const keys: string[] = [];
      for await (const page of made.engine.users?.list(user) ?? [])
        for (const { key, stored } of page) if (stored !== null) keys.push(key);
      return keys;
    };
    return { ...made, list };
  };

  for (const loss of ["after", "before"] satisfies Loss[]) {
    for (const method of ["create", "rename"] satisfies Method[])
      it(`to a login by ${method}, ${loss}: the next try leaves one session, and it is listed`, async () => {
        const { sessions, losses, contents, list } = await open();
        const session = sessions.open();
        if (method === "rename") {
          session.set("cart", 1);
          await session.save();
        }
        session.set("user_id", "ann");
        losses[method] = [loss];
        const store = () => (method === "rename" ? session.cycleKey() : session.save());
        await expect(store()).rejects.toThrow("the connection was closed");
        await store();
        const stored = Object.entries(await contents()).filter(([, data]) => data["user_id"] === "ann");
        expect(stored.map(([key]) => key)).toEqual([session.sessionKey]);
        expect(await list("ann")).toEqual([session.sessionKey]);
        expect((await sessions.endAll("ann")).ended).toBe(1);
        expect(await list("ann")).toEqual([]);
      });

    it(`to a logout, ${loss}: the next try leaves it out of the list`, async () => {
      const { sessions, losses, list } = await open();
      const session = sessions.open();
      session.set("user_id", "ann");
      await session.save();
      session.clear();
      losses.update = [loss];
      await expect(session.save()).rejects.toThrow("the connection was closed");
      await session.save();
      const listed: unknown[] = [];
      for await (const one of sessions.forUser("ann")) listed.push(one);
      expect(listed).toEqual([]);
      if (loss === "before") expect(await list("ann")).toEqual([]);
    });
  }
});
