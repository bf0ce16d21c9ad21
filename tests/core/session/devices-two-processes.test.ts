/** One process ends all sessions of a user while another logs them in, moves their sessions or looks through the store. */
import { createSessions, type Sessions } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeEngine } from "./devices-engine.ts";
import { SHARED_STORES, type SharedStore } from "./devices-stores.ts";
import { startWorker } from "./devices-workers.ts";

const ROUNDS = process.env["SESSIONS_FIELD"] === "true" ? 60 : 3;
const ONE_TEST_MS = process.env["SESSIONS_FIELD"] === "true" ? 1_200_000 : 60_000;
const LOGINS = 50;

for (const [name, isThere, open] of SHARED_STORES) {
  describe.skipIf(!isThere)(`all sessions of a user are ended on ${name}, while another process`, () => {
    let store: SharedStore;
    let sessions: Sessions;
    let worker: ReturnType<typeof startWorker>;
    let count = 0;
    beforeAll(async () => {
      store = await open();
      sessions = createSessions({
        secretKey: "core-tests",
        engine: makeEngine(store.target),
        users: { of: (session) => session.get("user_id") },
        log: () => {},
      });
      await sessions.migrate();
      worker = startWorker(store.target);
    });
    afterAll(async () => {
      await worker?.stop();
      await sessions?.close();
      await store?.close();
    });

    const newUser = () => {
      count += 1;
      return `racer-${count}`;
    };
    async function aliveOf(keys: readonly string[]): Promise<string[]> {
      const stored = new Set((await store.rows()).map(({ key }) => key));
      return keys.filter((key) => stored.has(key)).sort();
    }
    async function countListed(user: string): Promise<number> {
      let found = 0;
      for await (const _ of sessions.forUser(user)) found += 1;
      return found;
    }
    async function storedNow(): Promise<number> {
      return (await store.rows()).length;
    }

    it(`logs them in ${LOGINS} times: none survives that was stored before, none dies that begins after`, {
      timeout: ONE_TEST_MS,
    }, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const user = newUser();
        const before = await storedNow();
        let early: string[] = [];
        let ending: Promise<unknown> = Promise.resolve();
        const first = await worker.give({ do: "logIn", user, count: LOGINS }, [
          1 + ((round * 13) % (LOGINS - 1)),
          (keys) => {
            early = keys;
            ending = sessions.endAll(user);
          },
        ]);
        await ending;
        const late = await worker.give({ do: "logIn", user, count: 5 });
        expect(await aliveOf(early)).toEqual([]);
        expect(await aliveOf(late.keys)).toHaveLength(5);
        const alive = (await aliveOf(first.keys)).length + 5;
        expect(await countListed(user)).toBe(alive);
        expect(await storedNow(), "nothing of a login that was refused").toBe(before + alive);
        for (const reason of first.refused) expect(reason).toMatch(/ended|deleted/);
        await sessions.endAll(user);
        expect([await countListed(user), await storedNow()]).toEqual([0, before]);
      }
    });

    it("gives each a new key: none survives", { timeout: ONE_TEST_MS }, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const user = newUser();
        const before = await storedNow();
        const { keys } = await worker.give({ do: "logIn", user, count: 20 });
        let ending: Promise<unknown> = Promise.resolve();
        await worker.give({ do: "cycle", keys }, [
          1 + ((round * 5) % 15),
          () => {
            ending = sessions.endAll(user);
          },
        ]);
        await ending;
        await sessions.endAll(newUser()); // no other user's is touched
        expect([await countListed(user), await storedNow()]).toEqual([0, before]);
      }
    });

    it("ends all but another one: at most one of the two survives", { timeout: ONE_TEST_MS }, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const user = newUser();
        const before = await storedNow();
        const { keys } = await worker.give({ do: "logIn", user, count: 10 });
        const [mine = "", theirs = ""] = keys;
        await Promise.all([
          worker.give({ do: "endAll", user, except: theirs }),
          sessions.endAll(user, { except: sessions.open(mine) }),
        ]);
        expect((await aliveOf([mine, theirs])).length).toBeLessThanOrEqual(1);
        expect(await storedNow()).toBe(before + (await countListed(user)));
        expect(await aliveOf(keys.slice(2))).toEqual([]);
        await sessions.endAll(user);
        expect(await storedNow()).toBe(before);
      }
    });

    it("looks through all sessions: none survives, and none is listed", {
      timeout: ONE_TEST_MS,
    }, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const user = newUser();
        const before = await storedNow();
        await worker.give({ do: "logIn", user, count: 20 });
        const looking = worker.give({ do: "reindex", times: 3 });
        await sessions.endAll(user, { reindex: round % 2 === 0 });
        await looking;
        expect([await countListed(user), await storedNow()]).toEqual([0, before]);
      }
    });
  });
}
