/** A new key, a flushed session, and their undo: copies that only this bridge can have made. */
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Panel } from "../panel.ts";
import { call, readSession, startSite, Visitor } from "../site.ts";

let panel: Panel;
beforeEach(async () => {
  panel = await Panel.open();
});
afterEach(() => panel.close());

describe("cycle and flush", () => {
  it("cycle makes a new key with the same data and expiry, and ends the old one", async () => {
    const { json } = await panel.write("cycle", {});
    expect(json.cookie).toMatch(/^[a-z0-9]{32}$/);
    expect(json.cookie).not.toBe(panel.visitor.cookie);
    expect(await panel.data(json.cookie)).toBe('{"user_id":123,"username":"john_doe"}');
    expect(await panel.look()).toMatchObject({
      found: false,
    });
  });

  it("flush ends the session", async () => {
    const { json } = await panel.write("flush", {});
    expect(json).toMatchObject({ session: null, cookie: null, cookieExpiresAt: null });
    expect(await panel.look()).toMatchObject({
      found: false,
    });
  });
});

describe("restore", () => {
  it("undoes each kind of change, bit for bit", async () => {
    const before = await readSession(panel.site, panel.visitor.cookie);
    for (const [name, body] of [
      ["edit", { operations: [{ op: "set", path: ["user_id"], valueJson: "9" }] }],
      ["expiry", { change: { kind: "browser-close" } }],
      ["expiry", { change: { kind: "shift", shiftSeconds: 4_000 } }],
      ["flush", {}],
    ] as const) {
      const changed = await panel.write(name, body);
      expect(changed.status).toBe(200);
      expect((await panel.restore(changed)).status).toBe(200);
      expect(await readSession(panel.site, panel.visitor.cookie)).toEqual(before);
    }
  });

  it("undoes a new key: the old one works again, the new one ends", async () => {
    const before = await readSession(panel.site, panel.visitor.cookie);
    const cycled = await panel.write("cycle", {});
    const { json } = await panel.restore(cycled, { replaces: cycled.json.cookie });
    expect(json.cookie).toBe(panel.visitor.cookie);
    expect(await readSession(panel.site, panel.visitor.cookie)).toEqual(before);
    expect(await panel.look(cycled.json.cookie)).toMatchObject({
      found: false,
    });
  });

  it("restores a session that is larger than any other call's body", async () => {
    const big = randomBytes(150 * 1024).toString("base64");
    await panel.set(["big"], JSON.stringify(big));
    const edited = await panel.set(["big"], "null");
    expect(edited.json.kept.sealed.length).toBeGreaterThan(256 * 1024);
    expect((await panel.restore(edited)).status).toBe(200);
    expect(JSON.parse(await panel.data()).big).toBe(big);
  });

  it("undoes with a version a session that has ended by that change, immediately or later", async () => {
    const before = await readSession(panel.site, panel.visitor.cookie);
    for (const [shiftSeconds, passed] of [
      [4_000, 0],
      [3_595, 6_000],
    ] as const) {
      const shifted = await panel.write("expiry", { change: { kind: "shift", shiftSeconds } });
      panel.now += passed;
      expect(await panel.look()).toMatchObject({ found: false });
      const back = await panel.restore(shifted, { ifVersion: shifted.json.session.version });
      expect(back.status).toBe(200);
      expect(await readSession(panel.site, panel.visitor.cookie)).toEqual(before);
    }
  });

  it("with a version does not undo a session that someone ended early", async () => {
    const shifted = await panel.write("expiry", { change: { kind: "shift", shiftSeconds: 60 } });
    await panel.visitor.visit("/logout", "POST");
    const back = await panel.restore(shifted, { ifVersion: shifted.json.session.version });
    expect(back.json).toMatchObject({ code: "gone" });
  });

  it("with a version does not overwrite what came between", async () => {
    const edited = await panel.set(["a"], "1");
    await panel.visitor.visit("/set?b=2");
    const { status, json } = await panel.restore(edited, { ifVersion: edited.json.session.version });
    expect(status).toBe(409);
    expect(JSON.parse(json.session.dataJson)).toMatchObject({ a: 1, b: 2 });
    const flushed = await panel.write("flush", {});
    expect((await panel.restore(flushed, { ifVersion: null })).status).toBe(200);
  });

  it("accepts only copies that this server made for the same cookie", async () => {
    const edited = await panel.set(["a"], "1");
    const { kept } = edited.json;
    const other = new Visitor(panel.site);
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
      const { status, json } = await call(panel.site, "restore", body);
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

  it("does not reveal the copy's contents", async () => {
    const { json } = await panel.set(["a"], "1");
    expect(Buffer.from(json.kept.sealed, "base64url").toString("latin1")).not.toContain("john_doe");
  });
});

function flipped(text: string): string {
  const bytes = Buffer.from(text, "base64url");
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  return bytes.toString("base64url");
}
