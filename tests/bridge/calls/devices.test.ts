/**
 * The sessions of the user whose cookie is shown (T46): listed without keys, and ended with the right to edit only. No call
 * takes a user or a key.
 */
import { cache, database } from "session-bridge";
import { parseAnswer } from "session-bridge/protocol";
import { describe, expect, it, onTestFinished } from "vitest";
import { keyDigest } from "../../../server-bridge/src/core/engines/user-index.ts";
import { call, readSession, startSite, Visitor } from "../site.ts";
import { listen } from "../stream.ts";
import { endOthers, isLoggedIn, list, logIn, open, START, time } from "../users-site.ts";

describe("devices", () => {
  it("lists the user's sessions, that of the cookie first, then by their last use", async () => {
    const site = await open();
    const first = await logIn(site);
    time.now += 1_000;
    const second = await logIn(site);
    time.now += 1_000;
    const third = await logIn(site);
    time.now += 60_000;
    await first.visit("/set?cart=1");
    await logIn(site, 7);
    const { json } = await list(site, second);
    expect(parseAnswer("devices", json)).toEqual(json);
    expect(json).toMatchObject({
      found: true,
      total: 3,
      complete: true,
      canUndo: true,
      serverTime: time.now,
    });
    expect(json.why).toBeUndefined();
    const times = json.sessions.map((one: Record<string, unknown>) => [
      one["createdAt"],
      one["lastSeenAt"],
      one["expiresAt"],
      one["current"],
    ]);
    expect(times).toEqual([
      [START + 1_000, START + 1_000, START + 1_000 + 3_600_000, true],
      [START, time.now, time.now + 3_600_000, false],
      [START + 2_000, START + 2_000, START + 2_000 + 3_600_000, false],
    ]);
    expect(await isLoggedIn(site, third)).toBe(true);
  });

  it("contains nothing of a key, and no name of a session that anything else takes", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const { text, json } = await list(site, mine);
    const traced = await readSession(site, theirs.cookie);
    for (const secret of [mine.cookie, theirs.cookie, keyDigest(theirs.cookie), traced.keyId, traced.key]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(secret.slice(0, 4));
    }
    expect(new Set(json.sessions.map(({ id }: { id: string }) => id)).size).toBe(2);
    expect((await list(site, theirs)).json.sessions[0].id).toBe(json.sessions[1].id);
    for (const { id } of json.sessions) {
      expect(await site.sessions.end(123, id)).toBe(false);
      expect((await list(site, { cookie: id })).json).toMatchObject({ found: false, reason: "unknown" });
    }
  });

  it("takes no user and no key: what a caller adds is not read", async () => {
    const site = await open();
    const [mine, bob] = [await logIn(site), await logIn(site, 7)];
    const { json } = await call(site, "devices", {
      cookie: mine.cookie,
      user: 7,
      userId: "7",
      key: bob.cookie,
      of: bob.cookie,
    });
    expect(json.total).toBe(1);
    const ended = await endOthers(site, mine, { user: 7, userId: "7", key: bob.cookie, except: "" });
    expect(ended.json.ended).toBe(0);
    expect(await isLoggedIn(site, bob)).toBe(true);
    expect(await isLoggedIn(site, mine)).toBe(true);
  });

  it("says nothing to a caller without the cookie of a session", async () => {
    const site = await open();
    const mine = await logIn(site);
    for (const cookie of ["", "../sessions", "a".repeat(32), mine.cookie.toUpperCase()]) {
      const { json } = await list(site, { cookie });
      expect(json.found).toBe(false);
      expect(Object.keys(json).toSorted()).toEqual(["found", "reason", "serverTime"]);
    }
  });

  it("says that no one is logged in, and lists no guests together", async () => {
    const site = await open();
    const [one, other] = [new Visitor(site), new Visitor(site)];
    await one.visit("/set?cart=1");
    await other.visit("/set?cart=1");
    expect((await list(site, one)).json).toEqual({ serverTime: time.now, found: false, reason: "no-user" });
    const ended = await endOthers(site, one);
    expect(ended.json).toMatchObject({ code: "gone", message: "No one is logged in in this session." });
    expect(await isLoggedIn(site, other)).toBe(true);
  });

  it("changes nothing: no session lasts longer because it was listed", async () => {
    const site = await open({ sessions: { saveEveryRequest: true } });
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const before = [await readSession(site, mine.cookie), await readSession(site, theirs.cookie)];
    time.now += 60_000;
    const first = (await list(site, mine)).json.sessions;
    expect((await list(site, mine)).json.sessions).toEqual(first);
    expect([await readSession(site, mine.cookie), await readSession(site, theirs.cookie)]).toEqual(before);
    expect(first[1].lastSeenAt).toBe(START);
  });

  it("lists at most 200, the newest, says how many there are, and that their end cannot be undone", async () => {
    const site = await open();
    const mine = await logIn(site);
    for (let at = 0; at < 204; at += 1) {
      time.now += 1;
      const session = site.sessions.open();
      session.set("user_id", 123);
      await session.save();
    }
    const { json } = await list(site, mine);
    expect(json).toMatchObject({ total: 205, canUndo: false });
    expect(json.sessions).toHaveLength(200);
    expect(json.sessions[0].current).toBe(true);
    expect(json.sessions[1].createdAt).toBe(time.now);
    const refused = await endOthers(site, mine);
    expect(refused.json.code).toBe("too-large");
    expect((await list(site, mine)).json.total).toBe(205);
    const ended = await endOthers(site, mine, { keep: false });
    expect(ended.json).toMatchObject({ ended: 204, kept: null, keptUntil: null });
    expect((await list(site, mine)).json.total).toBe(1);
  });

  it("offers no undo for sessions that are too large together", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    for (let at = 0; at < 4; at += 1) {
      const one = await logIn(site);
      await one.visit("/grow");
    }
    expect((await list(site, mine)).json.canUndo).toBe(false);
    expect((await endOthers(site, mine)).json.code).toBe("too-large");
    expect(await isLoggedIn(site, theirs)).toBe(true);
  });

  it("says that it may be incomplete, and why, in a store that other programs may write to", async () => {
    const of = (session: { get(key: string): unknown }) => session.get("user_id");
    const shared = await open({ engine: database("sqlite::memory:") });
    const alone = await open({
      engine: database("sqlite::memory:"),
      sessions: { users: { of, exclusive: true } },
    });
    const why = /Another program, such as Django, .* call sessions.reindex\(\), or set users.exclusive/;
    for (const [site, expected] of [
      [shared, { complete: false, why: expect.stringMatching(why) }],
      [alone, { complete: true }],
    ] as const) {
      const mine = await logIn(site);
      const listed = (await list(site, mine)).json;
      const ended = (await endOthers(site, mine)).json;
      for (const { complete, why: said } of [listed, ended])
        expect(said === undefined ? { complete } : { complete, why: said }).toEqual(expected);
    }
  });

  it("says that sessions from before the index may be missing, until all were looked through", async () => {
    const site = await open();
    const mine = await logIn(site);
    const index = site.sessions.engine.users;
    if (index === undefined) throw new Error("no index");
    index.isWhole = async () => false;
    expect((await list(site, mine)).json).toMatchObject({
      complete: false,
      why: expect.stringContaining("call sessions.reindex() once"),
    });
  });

  it("exists only with the setting users", async () => {
    const site = await startSite({ engine: cache("memory:") });
    onTestFinished(() => site.close());
    const mine = await logIn(site);
    const { capabilities } = (await call(site, "hello")).json;
    expect(capabilities).not.toContain("devices");
    expect(capabilities).not.toContain("end-others");
    for (const name of ["devices", "end-others", "restore-others"]) {
      const kept = { cookie: mine.cookie, sealed: "" };
      const { json } = await call(site, name, { cookie: mine.cookie, ifVersion: "v", keep: true, kept });
      expect(json.code).toBe("capability");
    }
    const withUsers = await open();
    expect((await call(withUsers, "hello")).json.capabilities).toEqual(
      expect.arrayContaining(["devices", "end-others"]),
    );
  });
});

it("a session that a panel flushes leaves the index with its entry", async () => {
  const site = await open();
  const mine = await logIn(site);
  const { version } = await readSession(site, mine.cookie);
  expect((await call(site, "flush", { cookie: mine.cookie, ifVersion: version })).status).toBe(200);
  const entries: unknown[] = [];
  for await (const page of site.sessions.engine.users?.list("123") ?? []) entries.push(...page);
  expect(entries).toEqual([]);
});

describe("end-others", () => {
  it("ends the user's other sessions, and no one else's", async () => {
    const site = await open();
    const [mine, one, other, bob] = [
      await logIn(site),
      await logIn(site),
      await logIn(site),
      await logIn(site, 7),
    ];
    const answer = await endOthers(site, mine);
    expect(parseAnswer("end-others", answer.json)).toEqual(answer.json);
    expect(answer.json).toMatchObject({ ended: 2, complete: true, keptUntil: time.now + 300_000 });
    expect(await Promise.all([mine, one, other, bob].map((each) => isLoggedIn(site, each)))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect((await list(site, mine)).json.total).toBe(1);
  });

  it("leaves a trace for the caller's session, and a line on the terminal, both without another key", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const stream = await listen(site, { cookies: [mine.cookie] });
    onTestFinished(() => stream.close());
    const { json } = await endOthers(site, mine);
    const trace = await stream.trace("/__sessions/v1/end-others");
    expect(trace.id).toBe(json.traceId);
    expect(trace).toMatchObject({
      origin: "panel",
      changes: [],
      flushedKeys: null,
      operations: [{ name: "delete", reason: "another session of this user: ended 1" }],
    });
    expect(trace.after?.keyId).toBe(trace.before?.keyId);
    const line = site.lines.find((each) => each.includes("end-others")) ?? "";
    expect(line).toMatch(/panel: end-others of session .{9}: ended 1 of its user's$/);
    for (const text of [line, JSON.stringify(trace)]) expect(text).not.toContain(theirs.cookie.slice(0, 4));
  });

  it("needs the right to edit", async () => {
    const site = await open({ bridge: { allowEdit: false } });
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    expect((await call(site, "hello")).json.capabilities).toContain("devices");
    expect((await call(site, "hello")).json.capabilities).not.toContain("end-others");
    expect((await list(site, mine)).json.total).toBe(2);
    const { status, json } = await endOthers(site, mine);
    expect({ status, code: json.code }).toEqual({ status: 403, code: "capability" });
    const kept = { cookie: mine.cookie, sealed: "AAAA" };
    const back = await call(site, "restore-others", { cookie: mine.cookie, kept });
    expect(back.json.code).toBe("capability");
    expect(await isLoggedIn(site, theirs)).toBe(true);
  });

  it("ends nothing if the session is not as the caller saw it", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const { version } = await readSession(site, mine.cookie);
    await mine.visit("/set?user_id=7");
    const body = { cookie: mine.cookie, ifVersion: version, keep: true };
    const { status, json } = await call(site, "end-others", body);
    expect(status).toBe(409);
    expect(JSON.parse(json.session.dataJson).user_id).toBe(7);
    expect(await isLoggedIn(site, theirs)).toBe(true);
  });

  it("ends nothing for a cookie that proves no session", async () => {
    const site = await open();
    const theirs = await logIn(site);
    for (const cookie of ["", "a".repeat(32), "../x"]) {
      const answer = await call(site, "end-others", { cookie, ifVersion: "v", keep: false });
      expect(answer.status).toBe(403);
    }
    expect(await isLoggedIn(site, theirs)).toBe(true);
  });
});
