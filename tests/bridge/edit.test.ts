/** Editing from the panel: compare and swap, with a copy to go back to (T12, T13, T17, T22, T23). */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { database, file, signedCookies } from "session-bridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, call, readSession, type Site, startSite, Visitor } from "./site.ts";

const START = 1_790_000_000_000;
let site: Site;
let visitor: Visitor;
let now: number;

beforeEach(async () => {
  now = START;
  site = await startSite({ sessions: { clock: () => now } });
  visitor = new Visitor(site);
  await visitor.visit("/login", "POST");
});
afterEach(() => site.close());

/** A call on the visitor's session as it is now. */
async function write(name: string, body: object, cookie = visitor.cookie): Promise<Answer> {
  const { version } = await readSession(site, cookie);
  return call(site, name, { cookie, ifVersion: version, ...body });
}

const set = (path: (string | number)[], valueJson: string) =>
  write("edit", { operations: [{ op: "set", path, valueJson }] });
const dataOf = async (cookie = visitor.cookie) => (await readSession(site, cookie)).dataJson;

describe("edit", () => {
  it("sets a value, which the visitor's next request finds", async () => {
    const { status, json } = await set(["username"], '"jane"');
    expect(status).toBe(200);
    expect(JSON.parse(json.session.dataJson)).toEqual({ user_id: 123, username: "jane" });
    await visitor.visit("/set?seen=1");
    expect(await dataOf()).toBe('{"user_id":123,"username":"jane","seen":1}');
  });

  it("leaves everything else as it was stored: numbers, order, letters", async () => {
    const { engine, codec } = site.sessions;
    const json = '{"rate":1.0,"big":9007199254740993,"2":"b","1":"\\u00e9","deep":{"list":[1.50,2e5]}}';
    const key = "k".repeat(32);
    await engine.create(key, codec.encode(json), { expiresAtMs: now + 60_000, ageSeconds: 60 });
    await write("edit", { operations: [{ op: "set", path: ["deep", "list", 2], valueJson: "3.0" }] }, key);
    expect(await dataOf(key)).toBe(
      '{"rate":1.0,"big":9007199254740993,"2":"b","1":"\\u00e9","deep":{"list":[1.5,200000.0,3.0]}}',
    );
  });

  it("does several steps at once, or none of them", async () => {
    await write("edit", {
      operations: [
        { op: "set", path: ["cart"], valueJson: '{"tea":1}' },
        { op: "set", path: ["cart", "cake"], valueJson: "2" },
        { op: "delete", path: ["username"] },
      ],
    });
    expect(await dataOf()).toBe('{"user_id":123,"cart":{"tea":1,"cake":2}}');
    const { json } = await write("edit", {
      operations: [
        { op: "delete", path: ["cart"] },
        { op: "delete", path: ["nothing"] },
      ],
    });
    expect(json).toMatchObject({ code: "malformed", message: '"nothing": there is nothing to delete.' });
    expect(await dataOf()).toContain("cart");
  });

  it("keeps the session's end", async () => {
    now += 600_000;
    await set(["a"], "1");
    expect((await readSession(site, visitor.cookie)).expiresAt).toBe(START + 3_600_000);
  });

  it("answers an old version with the session as it is now", async () => {
    const { version } = await readSession(site, visitor.cookie);
    await visitor.visit("/set?username=%22theirs%22");
    const { status, json } = await call(site, "edit", {
      cookie: visitor.cookie,
      ifVersion: version,
      operations: [{ op: "set", path: ["username"], valueJson: '"mine"' }],
    });
    expect(status).toBe(409);
    expect(json.code).toBe("conflict");
    expect(JSON.parse(json.session.dataJson).username).toBe("theirs");
    expect(await dataOf()).toContain("theirs");
  });

  it("lets one of fifty at the same moment win, and loses no write of the app beside them", async () => {
    const { version } = await readSession(site, visitor.cookie);
    const edits = Array.from({ length: 50 }, (_, n) =>
      call(site, "edit", {
        cookie: visitor.cookie,
        ifVersion: version,
        operations: [{ op: "set", path: [`edit${n}`], valueJson: String(n) }],
      }),
    );
    const writes = Array.from({ length: 20 }, (_, n) => {
      const other = new Visitor(site);
      other.cookie = visitor.cookie;
      return other.visit(`/set?app${n}=${n}`);
    });
    const [answers] = await Promise.all([Promise.all(edits), Promise.all(writes)]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(50 - won.length);
    const data: Record<string, number> = JSON.parse(await dataOf());
    expect(Object.keys(data).filter((key) => key.startsWith("edit"))).toHaveLength(won.length);
    expect(Object.keys(data).filter((key) => key.startsWith("app"))).toHaveLength(20);
  });

  it("is printed once, with names and never a value", async () => {
    await set(["user_id"], "456789");
    await set(["x\u001b[31m\u202e\n"], '"secret-value"');
    const said = site.lines.filter((line) => line.includes("panel: edit"));
    expect(said).toEqual([
      expect.stringMatching(/^\[session-bridge\] panel: edit of session \w{4}…\w{4}: set "user_id"$/),
      expect.stringMatching(/: set "x\\u001b\[31m\?\\n"$/),
    ]);
    expect(site.lines.join()).not.toMatch(/456789|secret-value/);
    expect(site.lines.join()).not.toContain(visitor.cookie);
  });

  it("says what is wrong with a step, and where", async () => {
    await set(["cart"], "[1]");
    const wrong: [path: (string | number)[], valueJson: string, message: string][] = [
      [["cart", 3], "1", '"cart.3": the list has 1 items.'],
      [["cart", "x"], "1", '"cart": is a list.'],
      [["user_id", "x"], "1", '"user_id": holds no entries.'],
      [["none", "x"], "1", '"none": is not there.'],
      [["a"], "{", '"a": the new value is not JSON.'],
      [["a"], "NaN", '"a": the new value is not JSON.'],
      [["a"], "", '"a": the new value is not JSON.'],
      [["a"], "process.exit()", '"a": the new value is not JSON.'],
    ];
    for (const [path, valueJson, message] of wrong) {
      expect((await set(path, valueJson)).json).toMatchObject({ code: "malformed", message });
    }
  });

  it("takes no key named __proto__, wherever it hides, and leaves one that is stored alone", async () => {
    for (const [path, valueJson] of [
      [["__proto__"], '{"polluted":1}'],
      [["a", "__proto__"], "1"],
      [["a"], '{"b":[{"__proto__":{"polluted":1}}]}'],
      [["a"], '{"\\u005f_proto__":1}'],
    ] as const) {
      expect((await set([...path], valueJson)).json.code).toBe("malformed");
    }
    const { engine, codec } = site.sessions;
    const key = "p".repeat(32);
    await engine.create(key, codec.encode('{"__proto__":{"a":1},"b":1}'), {
      expiresAtMs: now + 60_000,
      ageSeconds: 60,
    });
    await write("edit", { operations: [{ op: "set", path: ["b"], valueJson: "2" }] }, key);
    expect(await dataOf(key)).toBe('{"__proto__":{"a":1},"b":2}');
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("stores any JSON as it was given, and never reaches a prototype", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const valueJson = JSON.stringify(value);
        const { status, json } = await set(["any"], valueJson);
        const hides = valueJson.includes('"__proto__"');
        if (hides) expect(json.code).toBe("malformed");
        else
          expect(JSON.parse(json.session?.dataJson ?? "{}").any, `status ${status}`).toEqual(
            JSON.parse(valueJson),
          );
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("expiry", () => {
  it("sets seconds, which the stored end and the cookie's end follow", async () => {
    const { json } = await write("expiry", { change: { kind: "seconds", seconds: 300 } });
    expect(json.session).toMatchObject({
      expiresAt: START + 300_000,
      ageSeconds: 300,
      atBrowserClose: false,
    });
    expect(json.cookieExpiresAt).toBe(START + 300_000);
    expect(await dataOf()).toContain('"_session_expiry":300');
  });

  it("sets a moment, in Django's own writing", async () => {
    const { json } = await write("expiry", { change: { kind: "at", at: START + 90_000 } });
    expect(json.session.expiresAt).toBe(START + 90_000);
    expect(await dataOf()).toContain(new Date(START + 90_000).toISOString().replace(".000Z", "+00:00"));
  });

  it("sets the end at browser close: the cookie has none, the stored session lives for the whole age", async () => {
    const { json } = await write("expiry", { change: { kind: "browser-close" } });
    expect(json).toMatchObject({
      cookieExpiresAt: null,
      session: { atBrowserClose: true, expiresAt: START + 3_600_000 },
    });
  });

  it("returns to the settings' policy", async () => {
    await write("expiry", { change: { kind: "seconds", seconds: 5 } });
    const { json } = await write("expiry", { change: { kind: "default" } });
    expect(json.session.expiresAt).toBe(START + 3_600_000);
    expect(await dataOf()).not.toContain("_session_expiry");
  });

  it("shifts the stored end of this session alone, touching no clock and no data", async () => {
    const other = new Visitor(site);
    await other.visit("/login", "POST");
    const before = await dataOf();
    const { json } = await write("expiry", { change: { kind: "shift", shiftSeconds: 3_590 } });
    expect(json.session.expiresAt).toBe(START + 10_000);
    expect(json.cookieExpiresAt).toBe(START + 10_000);
    expect(await dataOf()).toBe(before);
    now += 10_001;
    expect((await call(site, "session", { cookie: visitor.cookie })).json).toMatchObject({ found: false });
    expect((await readSession(site, other.cookie)).expiresAt).toBe(START + 3_600_000);
  });

  it("shifts a fixed moment in the data too, so that the next save does not bring it back", async () => {
    await write("expiry", { change: { kind: "at", at: START + 900_000 } });
    await write("expiry", { change: { kind: "shift", shiftSeconds: 600 } });
    await visitor.visit("/set?a=1");
    expect((await readSession(site, visitor.cookie)).expiresAt).toBe(START + 300_000);
  });

  it("can end the session at once", async () => {
    const { status } = await write("expiry", { change: { kind: "shift", shiftSeconds: 4_000 } });
    expect(status).toBe(200);
    expect((await call(site, "session", { cookie: visitor.cookie })).json).toMatchObject({ found: false });
  });
});

describe("cycle and flush", () => {
  it("cycle gives a new key with the same data and end, and ends the old one", async () => {
    const { json } = await write("cycle", {});
    expect(json.cookie).toMatch(/^[a-z0-9]{32}$/);
    expect(json.cookie).not.toBe(visitor.cookie);
    expect(await dataOf(json.cookie)).toBe('{"user_id":123,"username":"john_doe"}');
    expect((await call(site, "session", { cookie: visitor.cookie })).json).toMatchObject({ found: false });
  });

  it("flush ends the session", async () => {
    const { json } = await write("flush", {});
    expect(json).toMatchObject({ session: null, cookie: null, cookieExpiresAt: null });
    expect((await call(site, "session", { cookie: visitor.cookie })).json).toMatchObject({ found: false });
  });
});

describe("restore", () => {
  const restore = (from: Answer, more: object = {}) =>
    call(site, "restore", { cookie: from.json.kept.cookie, kept: from.json.kept, replaces: null, ...more });

  it("undoes each kind of change, bit for bit", async () => {
    const before = await readSession(site, visitor.cookie);
    for (const [name, body] of [
      ["edit", { operations: [{ op: "set", path: ["user_id"], valueJson: "9" }] }],
      ["expiry", { change: { kind: "browser-close" } }],
      ["expiry", { change: { kind: "shift", shiftSeconds: 4_000 } }],
      ["flush", {}],
    ] as const) {
      const changed = await write(name, body);
      expect(changed.status).toBe(200);
      expect((await restore(changed)).status).toBe(200);
      expect(await readSession(site, visitor.cookie)).toEqual(before);
    }
  });

  it("undoes a new key: the old one answers again, the new one ends", async () => {
    const before = await readSession(site, visitor.cookie);
    const cycled = await write("cycle", {});
    const { json } = await restore(cycled, { replaces: cycled.json.cookie });
    expect(json.cookie).toBe(visitor.cookie);
    expect(await readSession(site, visitor.cookie)).toEqual(before);
    expect((await call(site, "session", { cookie: cycled.json.cookie })).json).toMatchObject({
      found: false,
    });
  });

  it("with a version does not overwrite what came between", async () => {
    const edited = await set(["a"], "1");
    await visitor.visit("/set?b=2");
    const { status, json } = await restore(edited, { ifVersion: edited.json.session.version });
    expect(status).toBe(409);
    expect(JSON.parse(json.session.dataJson)).toMatchObject({ a: 1, b: 2 });
    const flushed = await write("flush", {});
    expect((await restore(flushed, { ifVersion: null })).status).toBe(200);
  });

  it("takes only copies that this server made, for the cookie that it made them for", async () => {
    const edited = await set(["a"], "1");
    const { kept } = edited.json;
    const other = new Visitor(site);
    await other.visit("/login", "POST");
    const forged = [
      { cookie: other.cookie, kept: { ...kept, cookie: other.cookie }, replaces: null },
      { cookie: other.cookie, kept, replaces: null },
      { cookie: kept.cookie, kept: { ...kept, sealed: kept.sealed.slice(0, -2) }, replaces: null },
      { cookie: kept.cookie, kept: { ...kept, sealed: flipped(kept.sealed) }, replaces: null },
      { cookie: kept.cookie, kept: { ...kept, sealed: "" }, replaces: null },
      {
        cookie: kept.cookie,
        kept: { ...kept, sealed: Buffer.from(JSON.stringify({ key: "k" })).toString("base64url") },
        replaces: null,
      },
    ];
    for (const body of forged) {
      const { status, json } = await call(site, "restore", body);
      expect({ status, code: json.code }).toEqual({ status: 403, code: "not-possessed" });
    }
    const elsewhere = await startSite({
      sessions: { secretKey: "another secret, of the same length as any other one" },
    });
    try {
      const { json } = await call(elsewhere, "restore", { cookie: kept.cookie, kept, replaces: null });
      expect(json.code).toBe("not-possessed");
    } finally {
      await elsewhere.close();
    }
  });

  it("does not show what is in the copy", async () => {
    const { json } = await set(["a"], "1");
    expect(Buffer.from(json.kept.sealed, "base64url").toString("latin1")).not.toContain("john_doe");
  });
});

function flipped(text: string): string {
  const bytes = Buffer.from(text, "base64url");
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  return bytes.toString("base64url");
}

describe("a remote caller with the token", () => {
  const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";
  const headers = { "session-bridge-token": TOKEN };

  for (const [allowEdit, status] of [
    [false, 403],
    [true, 200],
  ] as const) {
    it(`may ${allowEdit ? "" : "not "}edit when allowEdit is ${allowEdit}`, async () => {
      const remote = await startSite({ bridge: { token: TOKEN, allowRemote: true, allowEdit } });
      try {
        const guest = new Visitor(remote);
        await guest.visit("/login", "POST");
        const read = await call(remote, "session", { cookie: guest.cookie }, headers);
        for (const [name, body] of [
          ["edit", { operations: [{ op: "set", path: ["a"], valueJson: "1" }] }],
          ["flush", {}],
        ] as const) {
          const { version } = (await call(remote, "session", { cookie: guest.cookie }, headers)).json.session;
          const answer = await call(
            remote,
            name,
            { cookie: guest.cookie, ifVersion: version, ...body },
            headers,
          );
          expect(answer.status).toBe(status);
          if (!allowEdit) expect(answer.json.code).toBe("capability");
        }
        expect(read.status).toBe(200);
        expect(remote.lines.filter((line) => line.includes("panel:"))).toHaveLength(allowEdit ? 2 : 0);
      } finally {
        await remote.close();
      }
    });
  }
});

describe("other engines", () => {
  const directory = mkdtempSync(join(tmpdir(), "bridge-edit-"));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  for (const [name, engine] of [
    ["db", () => database("sqlite::memory:")],
    ["signed_cookies", () => signedCookies()],
    ["file", () => file(mkdtempSync(join(tmpdir(), "bridge-file-")))],
  ] as const) {
    it(`edit, expiry, cycle, flush and restore work with ${name}`, async () => {
      await site.close();
      site = await startSite({ engine: engine(), sessions: { clock: () => now } });
      visitor = new Visitor(site);
      await visitor.visit("/login", "POST");
      now += 2_000;
      const edited = await set(["a"], "1");
      expect(edited.status, edited.text).toBe(200);
      visitor.cookie = edited.json.cookie;
      expect(await dataOf()).toBe('{"user_id":123,"username":"john_doe","a":1}');
      const shorter = await write("expiry", { change: { kind: "seconds", seconds: 60 } });
      expect(shorter.json.session.ageSeconds).toBe(60);
      visitor.cookie = shorter.json.cookie;
      const cycled = await write("cycle", {});
      visitor.cookie = cycled.json.cookie;
      expect(await dataOf()).toContain('"a":1');
      const flushed = await write("flush", {});
      expect(flushed.json.session).toBeNull();
      const back = await call(site, "restore", {
        cookie: visitor.cookie,
        kept: flushed.json.kept,
        replaces: null,
      });
      visitor.cookie = back.json.cookie;
      expect(await dataOf()).toContain('"a":1');
    });
  }
});
