/** What holds for the sessions of a user if several things happen at once, or one of them stops half way. */
import type { Engine, Sessions } from "session-bridge";
import { openSession } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyData, library, NOW } from "../library.ts";

/** An engine under test. */
export interface DevicesSubject {
  /** A new engine with nothing in it, or with what `make` before it has stored. */
  make(): Engine;
  /** True for engines that live by the server's clock. */
  ownClock?: boolean;
}

const MANY = 50;

let count = 0;

/** A user whom no other test uses. */
function newUser(): string {
  count += 1;
  return `racer-${count}`;
}

/** Part of the law that `describeDevices` describes. */
export function describeDeviceRaces(name: string, { make, ownClock = false }: DevicesSubject): void {
  describe(`the sessions of a user, several things at once: ${name}`, () => {
    let made: ReturnType<typeof library>;
    let sessions: Sessions<AnyData>;
    let engine: Engine;
    beforeAll(async () => {
      made = library({
        engine: make(),
        users: { of: (session) => session.get("user_id") },
        ...(ownClock && { clock: Date.now }),
      });
      made.time.now = ownClock ? Date.now() : NOW;
      ({ sessions } = made);
      ({ engine } = sessions);
      await sessions.migrate();
    });
    afterAll(() => sessions.close());

    const begin = (cookie?: string) =>
      openSession(sessions, { method: "GET", path: "/", identity: {}, cookieHeader: cookie });
    type Opened = Awaited<ReturnType<typeof begin>>;
    const finish = async (opened: Opened) => opened.close({ status: 200, vary: null, setCookie: [] });

    async function logIn(user: string, cookie?: string): Promise<string> {
      const answer = await made.request((session) => session.set("user_id", user), cookie ? { cookie } : {});
      return answer.cookie ?? cookie ?? "";
    }
    async function listed(user: string): Promise<string[]> {
      const found: string[] = [];
      for await (const { keyId } of sessions.forUser(user)) found.push(keyId);
      return found;
    }
    async function userOf(cookie: string): Promise<unknown> {
      return (await made.read(cookie))["user_id"];
    }
    async function entries(user: string): Promise<string[]> {
      const found: string[] = [];
      for (const pages of [engine.users?.list(user), engine.users?.listEnded(user)]) {
        for await (const page of pages ?? []) found.push(...page.map(({ key }) => key));
      }
      return found;
    }

    it(`lists each of ${MANY} logins at once`, async () => {
      const ann = newUser();
      const opened = await Promise.all(Array.from({ length: MANY }, () => begin()));
      for (const { session } of opened) session.set("user_id", ann);
      await Promise.all(opened.map(finish));
      expect(await listed(ann)).toHaveLength(MANY);
    });

    it("lists a session for the one of two users who logs in first, if both do in the same one", async () => {
      const [guest, ann, bob] = [newUser(), newUser(), newUser()];
      const cookie = await logIn(guest);
      const both = await Promise.all([begin(cookie), begin(cookie)]);
      for (const [index, { session }] of both.entries()) session.set("user_id", index === 0 ? ann : bob);
      await Promise.all(both.map(finish));
      const winner = await userOf(cookie);
      expect([ann, bob]).toContain(winner);
      expect([await listed(ann), await listed(bob), await listed(guest)].map(({ length }) => length)).toEqual(
        winner === ann ? [1, 0, 0] : [0, 1, 0],
      );
    });

    it("lists another user's session still, if a key that is taken is chosen for a new one", async () => {
      const [ann, bob] = [newUser(), newUser()];
      const cookie = await logIn(ann);
      const session = sessions.open(cookie.slice(cookie.indexOf("=") + 1));
      session.clear();
      session.set("user_id", bob);
      await expect(session.save({ mustCreate: true })).rejects.toMatchObject({ code: "key-taken" });
      expect([await listed(ann), await listed(bob)].map(({ length }) => length)).toEqual([1, 0]);
    });

    it("ends no sessions of a user with a similar name", async () => {
      const names = [
        "ann",
        "Ann",
        "ann ",
        " ann",
        "ann\u0000",
        "\u00e4nn",
        "a\u0308nn",
        "\ud800",
        "\ud801",
        "%",
        "_",
      ];
      for (const one of names) await logIn(one);
      for (const one of names) expect(await listed(one), JSON.stringify(one)).toHaveLength(1);
      for (const [index, one] of names.entries()) {
        expect(await sessions.endAll(one), JSON.stringify(one)).toMatchObject({ ended: 1 });
        for (const other of names.slice(index + 1)) {
          expect(await listed(other), JSON.stringify([one, other])).toHaveLength(1);
        }
      }
    });

    it("lists what is left of an endAll that stopped half way, and the next one ends it", async () => {
      const ann = newUser();
      const cookie = await logIn(ann);
      await engine.users?.raise(ann, null);
      expect(await userOf(cookie)).toBe(ann);
      const [keyId = ""] = await listed(ann);
      expect(keyId).not.toBe("");
      await logIn(ann);
      expect(await listed(ann)).toHaveLength(2);
      expect(await sessions.end(ann, keyId)).toBe(true);
      await engine.users?.raise(ann, null);
      expect(await sessions.endAll(ann)).toMatchObject({ ended: 1 });
      expect([await listed(ann), await entries(ann)]).toEqual([[], []]);
    });

    it("leaves the session from which the others are ended, also if an endAll before had still to end it", async () => {
      const ann = newUser();
      const [cookie, other] = [await logIn(ann), await logIn(ann)];
      await engine.users?.raise(ann, null);
      let ended: unknown;
      await made.request(
        async (session) => {
          ended = await sessions.endAll(ann, { except: session });
        },
        { cookie },
      );
      expect(ended).toMatchObject({ ended: 1 });
      expect([await userOf(cookie), await userOf(other)]).toEqual([ann, undefined]);
    });

    it("gives no new key to a session that an endAll had still to end when it stopped half way", async () => {
      const ann = newUser();
      const cookie = await logIn(ann);
      await engine.users?.raise(ann, null);
      const { instead } = await made.request((session) => void session.cycleKey(), { cookie });
      expect(instead?.status).toBe(400);
      await sessions.endAll(ann); // some stores have ended it by then
      expect(await userOf(cookie)).toBeUndefined();
      expect([await listed(ann), await entries(ann)]).toEqual([[], []]);
    });

    it("lets the session that stays go on: it takes a new key, and is ended by the next endAll", async () => {
      const ann = newUser();
      const cookie = await logIn(ann);
      await made.request((session) => sessions.endAll(ann, { except: session }), { cookie });
      const cycled = await made.request((session) => void session.cycleKey(), { cookie });
      expect([cycled.instead, await listed(ann)]).toMatchObject([null, { length: 1 }]);
      expect(await sessions.endAll(ann)).toMatchObject({ ended: 1 });
      expect(await userOf(cycled.cookie ?? "")).toBeUndefined();
    });

    it("leaves no entry of a session that was logged out", async () => {
      const [ann, bob] = [newUser(), newUser()];
      for (const isRead of [true, false]) {
        const cookie = await logIn(ann);
        await made.request(
          (session) => {
            if (isRead) session.get("user_id");
            session.flush();
          },
          { cookie },
        );
        expect(await entries(ann), `read first: ${isRead}`).toEqual([]);
      }
      const { cookie } = await made.request((session) => session.cycleKey(), { cookie: await logIn(ann) });
      expect(await entries(ann)).toHaveLength(1);
      await logIn(bob, cookie ?? "");
      expect([await entries(ann), await entries(bob)].map(({ length }) => length)).toEqual([0, 1]);
    });

    it(`leaves none of ${MANY} logins that began before endAll, and all that began after`, async () => {
      const ann = newUser();
      const early = await Promise.all(Array.from({ length: MANY }, () => begin()));
      for (const { session } of early) session.set("user_id", ann);
      const before = await Promise.all(Array.from({ length: 5 }, () => logIn(ann)));
      const under = early.map(finish); // all are on their way to the store
      const ending = sessions.endAll(ann);
      await Promise.allSettled(under);
      await ending;
      const late = await Promise.all(Array.from({ length: 5 }, () => logIn(ann)));
      for (const cookie of before) expect(await userOf(cookie)).toBeUndefined();
      for (const cookie of late) expect(await userOf(cookie)).toBe(ann);
      const answers = await Promise.all(under);
      expect(await listed(ann)).toHaveLength(late.length + (await countAlive(answers)));
      for (const { instead, setCookie } of answers)
        expect(instead?.status === 400).toBe((setCookie?.length ?? 0) === 0);
    });

    async function countAlive(answers: readonly { setCookie: readonly string[] | null }[]): Promise<number> {
      let found = 0;
      for (const { setCookie } of answers) {
        const cookie = setCookie?.[0]?.split(";")[0];
        if (cookie !== undefined && (await userOf(cookie)) !== undefined) found += 1;
      }
      return found;
    }
  });
}
