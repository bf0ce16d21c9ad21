/** What holds for the sessions of a user, on every engine that keeps an index of them. */
import { openSession, type SessionsOptions, type UserSession } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { library, NOW } from "../library.ts";
import { type DevicesSubject, describeDeviceRaces } from "./devices-races.ts";

let count = 0;

/** A number that no other test uses. */
function nextNumber(): number {
  count += 1;
  return count;
}

/** Describes an engine by the laws of the sessions of a user. */
export function describeDevices(name: string, subject: DevicesSubject): void {
  const { make, ownClock = false } = subject;
  describeDeviceRaces(name, subject);
  describe(`the sessions of a user: ${name}`, () => {
    const open = (options: Partial<SessionsOptions> = {}) => {
      const made = library({
        engine: make(),
        users: { of: (session) => session.get("user_id") },
        ...(ownClock && { clock: Date.now }),
        ...options,
      });
      if (ownClock) made.time.now = Date.now();
      return made;
    };
    let shared: ReturnType<typeof open>;
    beforeAll(async () => {
      shared = open();
      await shared.sessions.migrate();
    });
    afterAll(() => shared.sessions.close());

    /** A user whom no other test uses, and what is done as they. */
    function person(id: string | number = `user-${nextNumber()}`) {
      const { request, sessions } = shared;
      const logIn = async (cookie?: string) => {
        const answer = await request(
          (session) => {
            session.set("user_id", id);
            if (cookie !== undefined) session.cycleKey();
          },
          cookie === undefined ? {} : { cookie },
        );
        if (answer.cookie === null) throw new Error("nothing was stored");
        return answer.cookie;
      };
      const list = async (options?: { current: object }) => {
        const found: UserSession[] = [];
        for await (const one of sessions.forUser(id, options)) found.push(one);
        return found;
      };
      return { id, logIn, list, count: async () => (await list()).length };
    }

    it("lists a session for each login, and no other user's", async () => {
      const [ann, bob] = [person(), person()];
      await ann.logIn();
      await ann.logIn();
      await bob.logIn();
      const found = await ann.list();
      expect(found).toHaveLength(2);
      expect(new Set(found.map(({ keyId }) => keyId)).size).toBe(2);
      expect(await bob.count()).toBe(1);
      expect(await person().count()).toBe(0);
    });

    it("says when each began, was last saved, and expires", async () => {
      const { request, time } = shared;
      const ann = person();
      const began = time.now;
      const cookie = await ann.logIn();
      if (!ownClock) time.now += 60_000;
      await request((session) => session.set("cart", [1]), { cookie });
      const [one] = await ann.list();
      if (ownClock) {
        expect(one?.createdAt?.getTime()).toBeGreaterThanOrEqual(began);
        expect(one?.lastSeenAt?.getTime()).toBeGreaterThanOrEqual(one?.createdAt?.getTime() ?? 0);
      } else {
        expect(one?.createdAt).toEqual(new Date(began));
        expect(one?.lastSeenAt).toEqual(new Date(began + 60_000));
      }
      const left = (one?.expiresAt?.getTime() ?? 0) - (ownClock ? Date.now() : time.now);
      expect(Math.abs(left - 1_209_600_000)).toBeLessThan(5_000);
      if (!ownClock) time.now = NOW;
    });

    it("has whole times, with a clock and a touchAfter that have fractions, too", async () => {
      const clock = () => (ownClock ? Date.now() : NOW) + 0.4375;
      const { request, sessions } = open({ clock, saveEveryRequest: true, touchAfter: 1.00025 });
      await sessions.migrate();
      const { cookie } = await request((session) => session.set("user_id", "fraction"));
      const after = await request(
        (session) => {
          session.set("cart", [1]);
          session.cycleKey();
        },
        { cookie: cookie ?? "" },
      );
      await request((session) => session.set("cart", [2]), { cookie: after.cookie ?? "" });
      await sessions.reindex();
      const times: unknown[] = [];
      for await (const { createdAt } of sessions.forUser("fraction"))
        times.push(Number.isInteger(createdAt?.getTime()));
      expect(times).toEqual([true]);
      await sessions.endAll("fraction");
      await sessions.close();
    });

    it("names the current one, and shows no key", async () => {
      const { request } = shared;
      const ann = person();
      await ann.logIn();
      const cookie = await ann.logIn();
      let found: UserSession[] = [];
      await request(
        async (session) => {
          found = await ann.list({ current: session });
        },
        { cookie },
      );
      expect(found.filter(({ current }) => current)).toHaveLength(1);
      expect(JSON.stringify(found)).not.toContain(cookie.split("=")[1]);
    });

    it("follows a session to its new key, with the time when it began", async () => {
      const { request, time } = shared;
      const ann = person();
      const cookie = await ann.logIn();
      const [before] = await ann.list();
      if (!ownClock) time.now += 5_000;
      await request((session) => void session.cycleKey(), { cookie });
      const found = await ann.list();
      expect(found).toHaveLength(1);
      expect(found[0]?.keyId).not.toBe(before?.keyId);
      expect(found[0]?.createdAt).toEqual(before?.createdAt);
      if (!ownClock) time.now = NOW;
    });

    it("forgets a session that was flushed, cleared or became another user's", async () => {
      const { request } = shared;
      const [ann, bob] = [person(), person()];
      const [first, second, third] = [await ann.logIn(), await ann.logIn(), await ann.logIn()];
      await request((session) => void session.flush(), { cookie: first });
      expect(await ann.count()).toBe(2);
      await request((session) => session.clear(), { cookie: second });
      expect(await ann.count()).toBe(1);
      await request((session) => session.set("user_id", bob.id), { cookie: third });
      expect(await ann.count()).toBe(0);
      expect(await bob.count()).toBe(1);
    });

    it("counts a number and the same digits as one user, and any name as it is", async () => {
      const number = 1_000_000 + nextNumber();
      await person(number).logIn();
      await person(String(number)).logIn();
      expect(await person(number).count()).toBe(2);
      for (const name of ["a b@c.de", "Ä\u0000ö", "x".repeat(5_000), "sha256:abc", "__proto__"]) {
        await person(name).logIn();
        expect(await person(name).count(), name.slice(0, 20)).toBe(1);
      }
    });

    it("ends all of a user's sessions, or all but one", async () => {
      const { request, sessions } = shared;
      const [ann, bob] = [person(), person()];
      await bob.logIn();
      const cookies = [await ann.logIn(), await ann.logIn(), await ann.logIn()];
      let ended = 0;
      await request(
        async (session) => {
          ended = (await sessions.endAll(ann.id, { except: session })).ended;
        },
        { cookie: cookies[1] ?? "" },
      );
      expect(ended).toBe(2);
      expect(await ann.count()).toBe(1);
      const seen: unknown[] = [];
      for (const cookie of cookies) {
        await request((session) => seen.push(session.get("user_id")), { cookie });
      }
      expect(seen).toEqual([undefined, ann.id, undefined]);
      expect((await sessions.endAll(ann.id)).ended).toBe(1);
      expect(await ann.count()).toBe(0);
      expect(await bob.count()).toBe(1);
      await ann.logIn();
      expect(await ann.count()).toBe(1);
    });

    it("keeps the session whose key is changed while the others are ended", async () => {
      const { request, sessions } = shared;
      const ann = person();
      await ann.logIn();
      const cookie = await ann.logIn();
      const { cookie: next } = await request(
        async (session) => {
          session.cycleKey();
          await sessions.endAll(ann.id, { except: session });
          session.set("password_changed", true);
        },
        { cookie },
      );
      expect(await ann.count()).toBe(1);
      const { session } = await request((one) => one.get("user_id"), { cookie: next ?? cookie });
      expect(session.get("password_changed")).toBe(true);
    });

    it("keeps a session ended that an earlier end of all has ended, also if a later one excepts it", async () => {
      const index = shared.sessions.engine.users;
      const ann = person();
      const [first, second] = [await ann.logIn(), await ann.logIn()].map(
        (cookie) => cookie.split("=")[1] ?? "",
      );
      await index?.raise(String(ann.id), first ?? "");
      await index?.raise(String(ann.id), second ?? "");
      const present: { key: string }[] = [];
      for await (const page of index?.list(String(ann.id)) ?? []) present.push(...page);
      expect(present).toEqual([]);
      await index?.raise(String(ann.id), null);
      const third = (await ann.logIn()).split("=")[1] ?? "";
      await index?.raise(String(ann.id), third);
      await index?.raise(String(ann.id), third); // a double click
      for await (const page of index?.list(String(ann.id)) ?? []) present.push(...page);
      expect(present.map(({ key }) => key)).toEqual([third]);
    });

    it("ends one session by the name it has in the list", async () => {
      const { sessions } = shared;
      const [ann, bob] = [person(), person()];
      await ann.logIn();
      await ann.logIn();
      const [one] = await ann.list();
      expect(await sessions.end(bob.id, one?.keyId ?? "")).toBe(false);
      expect(await sessions.end(ann.id, one?.keyId ?? "")).toBe(true);
      expect(await sessions.end(ann.id, one?.keyId ?? "")).toBe(false);
      expect(await ann.count()).toBe(1);
    });

    it("ends no one else's session, even if the index takes it for the user's", async () => {
      const { sessions } = shared;
      const [ann, bob] = [person(), person()];
      const key = (await bob.logIn()).split("=")[1] ?? "";
      await sessions.engine.users?.add(String(ann.id), key, null);
      const [one] = await bob.list();
      expect(await ann.count()).toBe(0);
      expect(await sessions.end(ann.id, one?.keyId ?? "")).toBe(false);
      expect(await sessions.endAll(ann.id)).toMatchObject({ ended: 0 });
      expect(await bob.count()).toBe(1);
    });

    it("does not bring an ended session back under a new key", async () => {
      const { request, sessions } = shared;
      const ann = person();
      const cookie = await ann.logIn();
      const answer = await request(
        async (session) => {
          session.get("user_id");
          await sessions.endAll(ann.id);
          session.cycleKey();
        },
        { cookie },
      );
      expect(answer.instead?.status).toBe(400);
      expect(await ann.count()).toBe(0);
    });

    it("indexes what was stored without the setting, once it is asked to", async () => {
      const { sessions } = shared;
      const ann = person();
      const cookie = await ann.logIn();
      const key = cookie.split("=")[1] ?? "";
      await sessions.engine.users?.remove(String(ann.id), [key]);
      expect(await ann.count()).toBe(0);
      const { added } = await sessions.reindex();
      expect(added).toBe(1);
      expect(await ann.count()).toBe(1);
      expect((await sessions.endAll(ann.id, { reindex: true })).complete).toBe(true);
      expect(await ann.count()).toBe(0);
    });

    it("ends a login that is stored while all sessions are ended", async () => {
      const { sessions } = shared;
      const ann = person();
      const { engine } = sessions;
      const opened = await openSession(sessions, {
        method: "GET",
        path: "/",
        identity: {},
        cookieHeader: undefined,
      });
      opened.session.set("user_id", ann.id);
      const entries = engine.users;
      if (entries === undefined) throw new Error("no index");
      const raised = entries.raise(String(ann.id), null);
      const closed = await Promise.resolve(opened.close({ status: 200, vary: null, setCookie: [] }));
      await raised;
      await sessions.endAll(ann.id);
      expect(await ann.count()).toBe(0);
      expect(closed.instead === null || closed.instead.status === 400).toBe(true);
    });
  });
}
