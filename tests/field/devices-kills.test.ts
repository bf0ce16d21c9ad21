/** What is listed of a user's sessions after processes were killed while they logged them in, moved or ended them. */
import { createSessions } from "session-bridge";
import { describe, expect, it } from "vitest";
import { keyDigest } from "../../server-bridge/src/core/engines/user-index.ts";
import { makeEngine } from "../core/session/devices-engine.ts";
import { SHARED_STORES } from "../core/session/devices-stores.ts";
import { startWorker } from "../core/session/devices-workers.ts";

const KILLS = Number(process.env["SESSIONS_KILLS"] ?? 60);

for (const [name, isThere, open] of SHARED_STORES) {
  describe.skipIf(!isThere)(`after ${KILLS} kills on ${name}`, () => {
    it("forUser lists what a full scan of the store finds, and endAll ends it", {
      timeout: 1_200_000,
    }, async () => {
      const store = await open();
      const sessions = createSessions({
        secretKey: "core-tests",
        engine: makeEngine(store.target),
        users: { of: (session) => session.get("user_id") },
        log: () => {},
        storeTimeout: 5,
      });
      await sessions.migrate();
      const listOf = async (user: string) => {
        const listed: string[] = [];
        for await (const { keyId } of sessions.forUser(user)) listed.push(keyId);
        return listed.sort();
      };
      const storedOf = async (user: string) => {
        const rows = (await store.rows()).filter(({ key, text }) => {
          const json = sessions.codec.decode(text, key)?.json ?? "{}";
          return JSON.parse(json).user_id === user;
        });
        return rows.map(({ key }) => keyDigest(key)).sort();
      };
      /** A server may still be doing what the killed process has asked for: both must be of the same state. */
      const compare = async (user: string) => {
        for (let after = await storedOf(user), isSame = false; !isSame; ) {
          const [stored, listed] = [after, await listOf(user)];
          after = await storedOf(user);
          isSame = String(stored) === String(after);
          if (isSame) expect(listed).toEqual(stored);
        }
      };
      for (let kill = 0; kill < KILLS; kill++) {
        const user = `victim-${kill}`;
        const first = startWorker(store.target);
        const { keys } = await first.give({ do: "logIn", user, count: 20 });
        let killed: Promise<void> = Promise.resolve();
        const die = () => {
          killed = first.kill();
        };
        const what = kill % 3;
        if (what === 2) {
          void first.give({ do: "endAll", user, except: null });
          await sessions.forUser(user)[Symbol.asyncIterator]().next(); // about as long as a part of it
          die();
        } else {
          const early = Promise.withResolvers<void>();
          const order =
            what === 0 ? ({ do: "logIn", user, count: 200 } as const) : ({ do: "cycle", keys } as const);
          void first.give(order, [1 + (kill % 15), () => early.resolve()]);
          await early.promise;
          die();
        }
        await killed;
        await compare(user);
        // a login that the server was still storing may be there afterwards: it is listed, and the next one ends it
        do {
          await sessions.endAll(user);
          await compare(user);
        } while ((await storedOf(user)).length > 0);
      }
      await sessions.close();
      await store.close();
    });
  });
}
