/** Editing from the panel: data operations, compared before they are swapped (T12, T13, T17). */
import { createServer } from "node:http";
import fc from "fast-check";
import { openBridge, type Source, type StoredView } from "session-bridge/bridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Panel, START } from "../panel.ts";
import { call, portOf, readSession, Visitor } from "../site.ts";

let panel: Panel;
beforeEach(async () => {
  panel = await Panel.open();
});
afterEach(() => panel.close());

describe("edit", () => {
  it("sets a value, which the panel.visitor's next request finds", async () => {
    const { status, json } = await panel.set(["username"], '"jane"');
    expect(status).toBe(200);
    expect(JSON.parse(json.session.dataJson)).toEqual({ user_id: 123, username: "jane" });
    await panel.visitor.visit("/set?seen=1");
    expect(await panel.data()).toBe('{"user_id":123,"username":"jane","seen":1}');
  });

  it("leaves everything else as it was stored: numbers, order, letters", async () => {
    const { engine, codec } = panel.site.sessions;
    const json =
      '{"n":NaN,"rate":1.0,"big":9007199254740993,"2":"b","1":"\\u00e9","deep":{"list":[1.50,2e5]}}';
    const key = "k".repeat(32);
    await engine.create(key, codec.encode(json), { expiresAtMs: panel.now + 60_000, ageSeconds: 60 });
    await panel.write(
      "edit",
      { operations: [{ op: "set", path: ["deep", "list", 2], valueJson: "3.0" }] },
      key,
    );
    expect(await panel.data(key)).toBe(
      '{"n":NaN,"rate":1.0,"big":9007199254740993,"2":"b","1":"\\u00e9","deep":{"list":[1.5,200000.0,3.0]}}',
    );
  });

  it("does all of several steps, or none of them", async () => {
    await panel.write("edit", {
      operations: [
        { op: "set", path: ["cart"], valueJson: '{"tea":1}' },
        { op: "set", path: ["cart", "cake"], valueJson: "2" },
        { op: "delete", path: ["username"] },
      ],
    });
    expect(await panel.data()).toBe('{"user_id":123,"cart":{"tea":1,"cake":2}}');
    const { json } = await panel.write("edit", {
      operations: [
        { op: "delete", path: ["cart"] },
        { op: "delete", path: ["nothing"] },
      ],
    });
    expect(json).toMatchObject({ code: "malformed", message: '"nothing": there is nothing to delete.' });
    expect(await panel.data()).toContain("cart");
  });

  it("keeps the session's expiry", async () => {
    panel.now += 600_000;
    await panel.set(["a"], "1");
    expect((await readSession(panel.site, panel.visitor.cookie)).expiresAt).toBe(START + 3_600_000);
  });

  it("answers an old version with the session as it is now", async () => {
    const { version } = await readSession(panel.site, panel.visitor.cookie);
    await panel.visitor.visit("/set?username=%22theirs%22");
    const { status, json } = await call(panel.site, "edit", {
      cookie: panel.visitor.cookie,
      ifVersion: version,
      operations: [{ op: "set", path: ["username"], valueJson: '"mine"' }],
    });
    expect(status).toBe(409);
    expect(json.code).toBe("conflict");
    expect(JSON.parse(json.session.dataJson).username).toBe("theirs");
    expect(await panel.data()).toContain("theirs");
  });

  it("lets one of fifty simultaneous edits win, and loses no write of the app", async () => {
    const { version } = await readSession(panel.site, panel.visitor.cookie);
    const edits = Array.from({ length: 50 }, (_, n) =>
      call(panel.site, "edit", {
        cookie: panel.visitor.cookie,
        ifVersion: version,
        operations: [{ op: "set", path: [`edit${n}`], valueJson: String(n) }],
      }),
    );
    const writes = Array.from({ length: 20 }, (_, n) => {
      const other = new Visitor(panel.site);
      other.cookie = panel.visitor.cookie;
      return other.visit(`/set?app${n}=${n}`);
    });
    const [answers] = await Promise.all([Promise.all(edits), Promise.all(writes)]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(50 - won.length);
    const data: Record<string, number> = JSON.parse(await panel.data());
    expect(Object.keys(data).filter((key) => key.startsWith("edit"))).toHaveLength(won.length);
    expect(Object.keys(data).filter((key) => key.startsWith("app"))).toHaveLength(20);
  });

  it("is printed once, with names and never a value", async () => {
    await panel.set(["user_id"], "456789");
    await panel.set(["x\u001b[31m\u202e\n"], '"secret-value"');
    const said = panel.site.lines.filter((line) => line.includes("panel: edit"));
    expect(said).toEqual([
      expect.stringMatching(/^\[session-bridge\] panel: edit of session \w{4}…\w{4}: set "user_id"$/),
      expect.stringMatching(/: set "x\\u001b\[31m\\u202e\\n"$/),
    ]);
    expect(panel.site.lines.join()).not.toMatch(/456789|secret-value/);
    expect(panel.site.lines.join()).not.toContain(panel.visitor.cookie);
  });

  it("says what is wrong with an operation, and where", async () => {
    await panel.set(["cart"], "[1]");
    const wrong: [path: (string | number)[], valueJson: string, message: string][] = [
      [["cart", 3], "1", '"cart.3": the list has 1 items.'],
      [["cart", "x"], "1", '"cart": is a list.'],
      [["user_id", "x"], "1", '"user_id": this value has no entries.'],
      [["none", "x"], "1", '"none": there is no such entry.'],
      [["a"], "{", '"a": the new value is not JSON.'],
      [["a"], "NaN", '"a": the new value is not JSON.'],
      [["a"], "", '"a": the new value is not JSON.'],
      [["a"], "process.exit()", '"a": the new value is not JSON.'],
    ];
    for (const [path, valueJson, message] of wrong) {
      expect((await panel.set(path, valueJson)).json).toMatchObject({ code: "malformed", message });
    }
  });

  it("accepts no key named __proto__ at any depth, and does not touch one that is stored", async () => {
    for (const [path, valueJson] of [
      [["__proto__"], '{"polluted":1}'],
      [["a", "__proto__"], "1"],
      [["a"], '{"b":[{"__proto__":{"polluted":1}}]}'],
      [["a"], '{"\\u005f_proto__":1}'],
    ] as const) {
      expect((await panel.set([...path], valueJson)).json.code).toBe("malformed");
    }
    const { engine, codec } = panel.site.sessions;
    const key = "p".repeat(32);
    await engine.create(key, codec.encode('{"__proto__":{"a":1},"b":1}'), {
      expiresAtMs: panel.now + 60_000,
      ageSeconds: 60,
    });
    await panel.write("edit", { operations: [{ op: "set", path: ["b"], valueJson: "2" }] }, key);
    expect(await panel.data(key)).toBe('{"__proto__":{"a":1},"b":2}');
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("stores any JSON as it was given, and never reaches a prototype", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const valueJson = JSON.stringify(value);
        const { status, json } = await panel.set(["any"], valueJson);
        if (hasKey(value, "__proto__")) expect(json.code).toBe("malformed");
        else
          expect(JSON.parse(json.session?.dataJson ?? "{}").any, `status ${status}`).toEqual(
            JSON.parse(valueJson),
          );
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      {
        numRuns: 60,
        examples: [["__proto__"], [["__proto__"]], [{ a: "__proto__" }], [JSON.parse('{"__proto__":1}')]],
      },
    );
  });
});

/** True when the value, or one within it, has a key of this name. */
function hasKey(value: unknown, name: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, name) || Object.values(value).some((one) => hasKey(one, name));
}

describe("a library whose store cannot compare and swap", () => {
  it("still lets one of fifty edits win, because panels' edits wait for each other", async () => {
    const store = new Map([["k".repeat(8), '{"n":0}']]);
    const view = (key: string): StoredView => {
      const json = store.get(key) ?? "";
      return { key, json, stored: json, expiresAtMs: null, atBrowserClose: true, ageSeconds: 60 };
    };
    const later = async () => {
      for (let turn = 0; turn < 300; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const source: Source = {
      library: { name: "slow", version: "1" },
      engine: "slow",
      cookieNames: ["sid"],
      proof: { by: "row", keyOf: (cookie) => cookie, isStored: async (key) => store.has(key) },
      capabilities: ["read", "edit"],
      read: async (key) => ({ found: true, view: view(key) }),
      async replace(key, json, ifStored) {
        const before = view(key);
        await later();
        if (before.stored !== ifStored) return { ok: false, reason: "conflict", now: before };
        store.set(key, json);
        return { ok: true, before, after: view(key), cookie: key, cookieExpiresAtMs: null };
      },
    };
    const bridge = openBridge(source, { enabled: true, env: {}, log: () => {} });
    const server = createServer((request, response) =>
      bridge(request, response, () => response.writeHead(404).end()),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const site = { origin: `http://127.0.0.1:${portOf(server)}` };
    const { json } = await call(site, "session", { cookie: "k".repeat(8) });
    const edits = Array.from({ length: 50 }, (_, n) =>
      call(site, "edit", {
        cookie: "k".repeat(8),
        ifVersion: json.session.version,
        operations: [{ op: "set", path: ["n"], valueJson: String(n + 1) }],
      }),
    );
    const statuses = (await Promise.all(edits)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    bridge.close();
    server.close();
  });
});

describe("an edit whose result could not be read back", () => {
  it.each(['"abc"', '"2030-01-01T00:00:00"', "[1]", "1e400", "1e300", '{"a":1}'])(
    "is refused with a sentence, and nothing is stored: _session_expiry %s",
    async (valueJson) => {
      const { status, json } = await panel.set(["_session_expiry"], valueJson);
      expect({ status, code: json.code }).toEqual({ status: 403, code: "malformed" });
      expect(json.message).toMatch(/^_session_expiry/);
      expect((await panel.visitor.visit("/set?a=1")).status).toBe(200);
      expect(await panel.data()).toBe('{"user_id":123,"username":"john_doe","a":1}');
    },
  );

  it("is refused when it is nested too deeply for Python", async () => {
    const { json } = await panel.set(["deep"], "[".repeat(501) + "]".repeat(501));
    expect(json).toMatchObject({ code: "malformed" });
    expect(json.message).toContain("500 levels");
    expect((await panel.set(["deep"], "[".repeat(500) + "]".repeat(500))).status).toBe(200);
  });

  it("that is already stored is shown, and can be repaired", async () => {
    const { engine, codec } = panel.site.sessions;
    const key = "k".repeat(32);
    const text = codec.encode('{"_session_expiry":"abc"}');
    await engine.create(key, text, { expiresAtMs: panel.now + 60_000, ageSeconds: 60 });
    expect(await panel.data(key)).toBe('{"_session_expiry":"abc"}');
    const edit = { operations: [{ op: "set", path: ["_session_expiry"], valueJson: "60" }] };
    expect((await panel.write("edit", edit, key)).status).toBe(200);
  });
});
