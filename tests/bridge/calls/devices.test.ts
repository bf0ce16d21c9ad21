/**
 * The sessions of the user whose cookie is shown (T46): listed without keys, ended with the right to edit only, and put back
 * once, for a few minutes, where nothing else is stored.
 */
import { cache, type SessionsOptions } from "session-bridge";
import type { BridgeOptions } from "session-bridge/bridge";
import { parseAnswer } from "session-bridge/protocol";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { keyDigest } from "../../../server-bridge/src/core/engines/user-index.ts";
import { type Answer, call, readSession, type Site, startSite, Visitor } from "../site.ts";
import { listen } from "../stream.ts";

const START = 1_790_000_000_000;
const MINUTES_5 = 300_000;
let now = START;
beforeEach(() => {
  now = START;
});

async function open({
  sessions = {},
  bridge = {},
}: {
  sessions?: Partial<SessionsOptions>;
  bridge?: BridgeOptions;
} = {}): Promise<Site> {
  const clock = () => now;
  const site = await startSite({
    engine: cache("memory:"),
    sessions: { clock, users: { of: (session) => session.get("user_id") }, ...sessions },
    bridge: { clock, ...bridge },
  });
  onTestFinished(() => site.close());
  return site;
}

/** A browser that is logged in as user 123, or as another one. */
async function logIn(site: Site, user = 123): Promise<Visitor> {
  const visitor = new Visitor(site);
  await visitor.visit("/login", "POST");
  if (user !== 123) await visitor.visit(`/set?user_id=${user}`);
  return visitor;
}

const list = (site: Site, { cookie }: { cookie: string }) => call(site, "devices", { cookie });

async function endOthers(site: Site, { cookie }: Visitor, more: object = {}): Promise<Answer> {
  const { version } = await readSession(site, cookie);
  return call(site, "end-others", { cookie, ifVersion: version, keep: true, ...more });
}

const restore = (site: Site, { cookie }: { cookie: string }, { json }: Answer, more: object = {}) =>
  call(site, "restore-others", { cookie, kept: json.kept, ...more });

/** Whether the app still knows the browser. */
async function isLoggedIn(site: Site, { cookie }: Visitor): Promise<boolean> {
  return (await call(site, "session", { cookie })).json.found;
}

describe("devices", () => {
  it("lists the user's sessions, that of the cookie first, then by their last use", async () => {
    const site = await open();
    const first = await logIn(site);
    now += 1_000;
    const second = await logIn(site);
    now += 1_000;
    const third = await logIn(site);
    now += 60_000;
    await first.visit("/set?cart=1");
    await logIn(site, 7);
    const { json } = await list(site, second);
    expect(parseAnswer("devices", json)).toEqual(json);
    expect(json).toMatchObject({ found: true, total: 3, complete: true, canUndo: true, serverTime: now });
    expect(json.why).toBeUndefined();
    const times = json.sessions.map((one: Record<string, unknown>) => [
      one["createdAt"],
      one["lastSeenAt"],
      one["expiresAt"],
      one["current"],
    ]);
    expect(times).toEqual([
      [START + 1_000, START + 1_000, START + 1_000 + 3_600_000, true],
      [START, now, now + 3_600_000, false],
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
    expect((await list(site, one)).json).toEqual({ serverTime: now, found: false, reason: "no-user" });
    const ended = await endOthers(site, one);
    expect(ended.json).toMatchObject({ code: "gone", message: "No one is logged in in this session." });
    expect(await isLoggedIn(site, other)).toBe(true);
  });

  it("changes nothing: no session lasts longer because it was listed", async () => {
    const site = await open({ sessions: { saveEveryRequest: true } });
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const before = [await readSession(site, mine.cookie), await readSession(site, theirs.cookie)];
    now += 60_000;
    const first = (await list(site, mine)).json.sessions;
    expect((await list(site, mine)).json.sessions).toEqual(first);
    expect([await readSession(site, mine.cookie), await readSession(site, theirs.cookie)]).toEqual(before);
    expect(first[1].lastSeenAt).toBe(START);
  });

  it("lists at most 200, the newest, says how many there are, and that their end cannot be undone", async () => {
    const site = await open();
    const mine = await logIn(site);
    for (let at = 0; at < 204; at += 1) {
      now += 1;
      const session = site.sessions.open();
      session.set("user_id", 123);
      await session.save();
    }
    const { json } = await list(site, mine);
    expect(json).toMatchObject({ total: 205, canUndo: false });
    expect(json.sessions).toHaveLength(200);
    expect(json.sessions[0].current).toBe(true);
    expect(json.sessions[1].createdAt).toBe(now);
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
    expect(answer.json).toMatchObject({ ended: 2, complete: true, keptUntil: now + MINUTES_5 });
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
      operations: [{ name: "delete", reason: "ended 1 other session of this user" }],
    });
    expect(trace.after?.keyId).toBe(trace.before?.keyId);
    const line = site.lines.find((each) => each.includes("end-others")) ?? "";
    expect(line).toMatch(/panel: end-others of session .{9}: ended 1 other session of its user$/);
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

describe("restore-others", () => {
  it("puts the ended sessions back as they were, with their places in the list", async () => {
    const site = await open();
    const mine = await logIn(site);
    now += 1_000;
    const theirs = await logIn(site);
    now += 30_000;
    await theirs.visit("/set?cart=1");
    const [stored, listed] = [await readSession(site, theirs.cookie), (await list(site, mine)).json.sessions];
    const ended = await endOthers(site, mine);
    now += 60_000;
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
    await index?.add("123", theirs.cookie);
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
    expect(again.json).toMatchObject({ code: "gone", message: "These sessions have already been put back." });
    expect((await list(site, mine)).json.total).toBe(1);
  });

  it("works for five minutes", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    const ended = await endOthers(site, mine);
    now += MINUTES_5;
    expect((await restore(site, mine, ended)).json.code).toBe("gone");
    now -= 1;
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
    const copy = { id: "x", untilMs: now + MINUTES_5, copies: { user: "123", generation: 1, sessions: [] } };
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
    const elsewhere = await open(); // the same secret
    const other = await logIn(elsewhere);
    const moved = { cookie: other.cookie, kept: { ...json.kept, cookie: other.cookie } };
    expect((await call(elsewhere, "restore-others", moved)).json.code).toBe("not-possessed");
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

  it("puts nothing over what is stored now, and nothing back that has expired meanwhile", async () => {
    const site = await open();
    const [mine, theirs, brief] = [await logIn(site), await logIn(site), await logIn(site)];
    const session = site.sessions.open(brief.cookie);
    await session.load();
    session.setExpiry(60);
    await session.save();
    const ended = await endOthers(site, mine);
    expect(ended.json.ended).toBe(2);
    const end = { ageSeconds: 3_600, expiresAtMs: now + 3_600_000 };
    await site.sessions.engine.create(theirs.cookie, '{"someone":"else"}', end);
    now += 61_000;
    expect((await restore(site, mine, ended)).json).toMatchObject({ restored: 0, left: 2 });
    expect((await readSession(site, theirs.cookie)).dataJson).toBe('{"someone":"else"}');
    expect(await isLoggedIn(site, brief)).toBe(false);
  });

  it("does not put back what an earlier end of all had not got to", async () => {
    const site = await open();
    const [mine, theirs] = [await logIn(site), await logIn(site)];
    await site.sessions.engine.users?.raise("123", mine.cookie); // and the process was killed
    expect((await list(site, mine)).json.total).toBe(1);
    const ended = await endOthers(site, mine);
    expect(ended.json).toMatchObject({ ended: 0, kept: null });
    expect(await isLoggedIn(site, theirs)).toBe(false);
  });
});
