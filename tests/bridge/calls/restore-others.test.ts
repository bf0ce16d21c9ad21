/**
 * The undo of `end-others` (T46): once, for a few minutes, for the same cookie and the same user, and only where nothing else is
 * stored.
 */
import { cache, database } from "session-bridge";
import { parseAnswer } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { type Answer, call, readSession, type Site } from "../site.ts";
import { endOthers, isLoggedIn, list, logIn, open, time } from "../users-site.ts";

const MINUTES_5 = 300_000;

const restore = (site: Site, { cookie }: { cookie: string }, { json }: Answer, more: object = {}) =>
  call(site, "restore-others", { cookie, kept: json.kept, ...more });

/** As another program's session, whose times are not known. */
async function forgetTimes(site: Site, visitor: { cookie: string } | undefined): Promise<void> {
  const { users } = site.sessions.engine;
  if (users === undefined || visitor === undefined) throw new Error("There is nothing to forget.");
  await users.remove("123", [visitor.cookie]);
  await users.add("123", visitor.cookie, null);
}

/** Does something once, before the engine's next session but `at - 1` is stored. */
function beforeCreate(site: Site, at: number, act: () => Promise<unknown>): void {
  const { engine } = site.sessions;
  const create = engine.create.bind(engine);
  let count = 0;
  engine.create = async (...session) => {
    count += 1;
    if (count === at) await act();
    return create(...session);
  };
}

describe("restore-others", () => {
  it("puts the ended sessions back as they were, with their places in the list", async () => {
    const site = await open();
    const mine = await logIn(site);
    time.now += 1_000;
    const theirs = await logIn(site);
    time.now += 30_000;
    await theirs.visit("/set?cart=1");
    const [stored, listed] = [await readSession(site, theirs.cookie), (await list(site, mine)).json.sessions];
    const ended = await endOthers(site, mine);
    time.now += 60_000;
    const answer = await restore(site, mine, ended);
    expect(parseAnswer("restore-others", answer.json)).toEqual(answer.json);
    expect(answer.json).toMatchObject({ restored: 1, left: 0 });
    expect(await readSession(site, theirs.cookie)).toEqual(stored);
    expect((await list(site, mine)).json.sessions).toEqual(listed);
    expect((await site.sessions.endAll(123)).ended).toBe(2);
  });

  it("puts back what has an unknown beginning without making one up", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const index = site.sessions.engine.users;
    await index?.remove("123", [theirs.cookie]);
    await index?.add("123", theirs.cookie, null);
    const ended = await endOthers(site, mine);
    expect((await restore(site, mine, ended)).json).toMatchObject({ restored: 1 });
    expect((await list(site, mine)).json.sessions[1]).toMatchObject({ createdAt: null, lastSeenAt: null });
  });

  it("works once", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const ended = await endOthers(site, mine);
    const answers = await Promise.all([restore(site, mine, ended), restore(site, mine, ended)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403]);
    await theirs.visit("/logout", "POST");
    const again = await restore(site, mine, ended);
    expect(again.json).toMatchObject({ code: "gone", message: expect.stringContaining("already been used") });
    expect((await list(site, mine)).json.total).toBe(1);
  });

  it("works for five minutes", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const ended = await endOthers(site, mine);
    time.now += MINUTES_5;
    expect((await restore(site, mine, ended)).json.code).toBe("gone");
    time.now -= 1;
    expect((await restore(site, mine, ended)).json.restored).toBe(1);
    expect(await isLoggedIn(site, theirs)).toBe(true);
  });

  it("opens no copy that was changed, made up, made for another call, or made by another process", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const { json } = await endOthers(site, mine);
    const bytes = Buffer.from(json.kept.sealed, "base64url");
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    const { version } = await readSession(site, mine.cookie);
    const operations = [{ op: "set", path: ["a"], valueJson: "1" }];
    const edit = await call(site, "edit", { cookie: mine.cookie, ifVersion: version, operations });
    const copy = {
      id: "x",
      untilMs: time.now + MINUTES_5,
      copies: { user: "123", generation: 1, sessions: [] },
    };
    const forged = [
      bytes.toString("base64url"),
      json.kept.sealed.slice(0, -2),
      "",
      Buffer.from(JSON.stringify(copy)).toString("base64url"),
      edit.json.kept.sealed,
    ];
    for (const sealed of forged) {
      const back = await restore(site, mine, { ...edit, json: { kept: { cookie: mine.cookie, sealed } } });
      expect({ status: back.status, code: back.json.code }).toEqual({ status: 403, code: "not-possessed" });
    }
    const asKept = { cookie: mine.cookie, kept: json.kept, replaces: null };
    expect((await call(site, "restore", asKept)).json.code).toBe("not-possessed");
    const elsewhere = await open(); // with the same secret, and now with the same session
    const { encoded } = await readSession(site, mine.cookie);
    const end = { ageSeconds: 3_600, expiresAtMs: time.now + 3_600_000 };
    const owner = { user: "123", was: null, nowMs: time.now };
    await elsewhere.sessions.engine.create(mine.cookie, encoded, end, owner);
    expect((await endOthers(elsewhere, mine)).json.ended).toBe(0);
    const there = await call(elsewhere, "restore-others", { cookie: mine.cookie, kept: json.kept });
    expect(there.json.code).toBe("not-possessed");
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });

  it("opens no copy for another cookie, even of the same user", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const { json } = await endOthers(site, mine);
    const later = await logIn(site);
    for (const body of [
      { cookie: later.cookie, kept: json.kept },
      { cookie: later.cookie, kept: { ...json.kept, cookie: later.cookie } },
    ]) {
      expect((await call(site, "restore-others", body)).json.code).toBe("not-possessed");
    }
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });

  it("puts nothing back for another user, for no one, or once the shown session is gone", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const ended = await endOthers(site, mine);
    await mine.visit("/set?user_id=7");
    expect((await restore(site, mine, ended)).json).toMatchObject({
      code: "gone",
      message: expect.stringContaining("Another user"),
    });
    await mine.visit("/set?user_id=123");
    expect((await restore(site, mine, ended)).json).toMatchObject({ restored: 1, left: 0 });
    expect(await isLoggedIn(site, theirs)).toBe(true);
    await theirs.visit("/logout", "POST");
    const { cookie } = mine;
    const again = await endOthers(site, mine);
    expect(again.json.ended).toBe(0);
    await mine.visit("/logout", "POST");
    expect((await restore(site, { cookie }, ended)).json.code).toBe("gone");
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });

  it("puts nothing back after all were ended again, as after a change of the password", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const ended = await endOthers(site, mine);
    await site.sessions.endAll(123, { except: site.sessions.open(mine.cookie) });
    expect((await restore(site, mine, ended)).json).toMatchObject({
      code: "gone",
      message: expect.stringContaining("ended since"),
    });
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });

  it("puts nothing back if all are ended while it does", async () => {
    for (const engine of [() => cache("memory:"), () => database("sqlite::memory:")]) {
      for (const at of [1, 2, 3]) {
        const site = await open({ engine: engine() });
        const mine = await logIn(site);
        const others = [await logIn(site), await logIn(site), await logIn(site)];
        await forgetTimes(site, others[2]);
        const ended = await endOthers(site, mine);
        const current = site.sessions.open(mine.cookie);
        beforeCreate(site, at, () => site.sessions.endAll(123, { except: current }));
        const { json } = await restore(site, mine, ended);
        expect(json).toMatchObject({ code: "gone", message: expect.stringContaining("ended since") });
        for (const each of others) expect(await isLoggedIn(site, each)).toBe(false);
        expect((await list(site, mine)).json.total).toBe(1);
      }
    }
  });

  it("does not say that they are back if the store failed", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const ended = await endOthers(site, mine);
    beforeCreate(site, 1, () => Promise.reject(new Error("down")));
    expect((await restore(site, mine, ended)).json.code).toBe("failed");
    const again = await restore(site, mine, ended);
    expect(again.json.message).toBe(
      "This undo has already been used. Look at the list again: it has those that are back.",
    );
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });

  it("puts nothing over what is stored now, and nothing back that has expired meanwhile", async () => {
    const site = await open();
    const [mine, theirs, brief] = [await logIn(site), await logIn(site), await logIn(site)];
    const session = site.sessions.open(brief.cookie);
    await session.load();
    session.setExpiry(60);
    await session.save();
    const ended = await endOthers(site, mine);
    expect(ended.json.ended).toBe(2);
    const end = { ageSeconds: 3_600, expiresAtMs: time.now + 3_600_000 };
    await site.sessions.engine.create(theirs.cookie, '{"someone":"else"}', end);
    time.now += 61_000;
    expect((await restore(site, mine, ended)).json).toMatchObject({ restored: 0, left: 2 });
    expect((await readSession(site, theirs.cookie)).dataJson).toBe('{"someone":"else"}');
    expect(await isLoggedIn(site, brief)).toBe(false);
  });

  it("does not put back what an earlier end of all had not got to", async () => {
    const site = await open();
    const [mine, old] = [await logIn(site), await logIn(site)];
    await site.sessions.engine.users?.raise("123", mine.cookie); // and the process was killed
    const theirs = await logIn(site);
    expect((await list(site, mine)).json.total).toBe(3);
    const ended = await endOthers(site, mine);
    expect(ended.json.ended).toBe(2);
    expect((await restore(site, mine, ended)).json).toMatchObject({ restored: 1, left: 1 });
    expect(await isLoggedIn(site, theirs)).toBe(true);
    expect(await isLoggedIn(site, old)).toBe(false);
  });

  it("is not offered if someone else ended them all at the same time", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const index = site.sessions.engine.users;
    if (index === undefined) throw new Error("no index");
    const raise = index.raise.bind(index);
    index.raise = async (user, except) => {
      await raise(user, except); // as another process does it, between two steps of this one
      await raise(user, except);
    };
    const { json } = await endOthers(site, mine);
    expect(json).toMatchObject({ ended: 1, kept: null, keptUntil: null });
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });

  it.each([
    ["before it is stored", "create", "known"],
    ["before it is stored", "create", "unknown"],
    ["before it gets its times", "update", "known"],
  ] as const)(
    "puts nothing back if all are ended %s (%s), with a beginning that is %s",
    async (_, step, beginning) => {
      const site = await open();
      const [mine, theirs] = [await logIn(site), await logIn(site)];
      const { engine } = site.sessions;
      if (beginning === "unknown") {
        await engine.users?.remove("123", [theirs.cookie]);
        await engine.users?.add("123", theirs.cookie, null);
      }
      const ended = await endOthers(site, mine);
      // as another process does it, between two steps of this one
      const methods: { [name in "create" | "update"]: (...given: never[]) => Promise<unknown> } = engine;
      const method = methods[step].bind(engine);
      methods[step] = async (...given) => {
        await engine.users?.raise("123", mine.cookie);
        return method(...given);
      };
      expect((await restore(site, mine, ended)).json).toMatchObject({ code: "gone" });
      expect(await isLoggedIn(site, theirs)).toBe(false);
      expect((await list(site, mine)).json.total).toBe(1);
    },
  );

  it("puts nothing back whose deadline has come meanwhile", async () => {
    const site = await open({ sessions: { absoluteAge: 60 } });
    const theirs = await logIn(site);
    time.now += 30_000;
    const mine = await logIn(site);
    const ended = await endOthers(site, mine);
    time.now += 30_000;
    expect((await restore(site, mine, ended)).json).toMatchObject({ restored: 0, left: 1 });
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });
});

describe("the undo of a change, once all sessions of the user were ended", () => {
  const change = async (site: Site, { cookie }: { cookie: string }, name: "edit" | "flush" | "cycle") => {
    const { version } = await readSession(site, cookie);
    const operations = [{ op: "set", path: ["cart"], valueJson: "1" }];
    const { json } = await call(site, name, { cookie, ifVersion: version, operations });
    return (more: object = {}) => call(site, "restore", { cookie, kept: json.kept, replaces: null, ...more });
  };

  it("does not bring a session back", async () => {
    for (const engine of [() => cache("memory:"), () => database("sqlite::memory:")]) {
      for (const name of ["edit", "flush", "cycle"] as const) {
        const site = await open({ engine: engine() });
        const mine = await logIn(site);
        const undo = await change(site, mine, name);
        await site.sessions.endAll(123);
        expect((await undo()).json.code).toBe("gone");
        expect((await undo({ ifVersion: null })).json.code).toBe("gone");
        expect(await isLoggedIn(site, mine)).toBe(false);
      }
    }
  });

  it("does not log the user in again in a session that went on as a guest's, or another user's", async () => {
    for (const user of ["null", "7"]) {
      const site = await open();
      const mine = await logIn(site);
      const undo = await change(site, mine, "edit");
      await mine.visit(`/set?user_id=${user}`);
      await site.sessions.endAll(123);
      expect((await undo()).json.code).toBe("gone");
      expect(JSON.parse((await readSession(site, mine.cookie)).dataJson).user_id).toBe(JSON.parse(user));
    }
  });

  it("brings nothing back if they are ended while it does", async () => {
    const site = await open();
    const mine = await logIn(site);
    const undo = await change(site, mine, "flush");
    beforeCreate(site, 1, () => site.sessions.endAll(123));
    expect((await undo()).json.code).toBe("gone");
    expect(await isLoggedIn(site, mine)).toBe(false);
  });

  it("works for the session that was left, and for one that began afterwards", async () => {
    const site = await open();
    const [mine, other] = [await logIn(site), await logIn(site)];
    const undo = await change(site, mine, "edit");
    expect((await endOthers(site, mine)).json.ended).toBe(1);
    expect((await undo()).json.session.dataJson).not.toContain("cart");
    const undoFlush = await change(site, mine, "flush");
    expect((await undoFlush()).status).toBe(200);
    expect((await list(site, mine)).json.total).toBe(1);
    expect(await isLoggedIn(site, other)).toBe(false);
  });
});
