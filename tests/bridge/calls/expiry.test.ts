/** Changing when a session ends, and rehearsing time on one session alone (T23). */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Panel, START } from "../panel.ts";
import { readSession, Visitor } from "../site.ts";

let panel: Panel;
beforeEach(async () => {
  panel = await Panel.open();
});
afterEach(() => panel.close());

describe("expiry", () => {
  it("sets seconds, which the stored end and the cookie's end follow", async () => {
    const { json } = await panel.write("expiry", { change: { kind: "seconds", seconds: 300 } });
    expect(json.session).toMatchObject({
      expiresAt: START + 300_000,
      ageSeconds: 300,
      atBrowserClose: false,
    });
    expect(json.cookieExpiresAt).toBe(START + 300_000);
    expect(await panel.data()).toContain('"_session_expiry":300');
  });

  it("sets a moment, in Django's own writing", async () => {
    const { json } = await panel.write("expiry", { change: { kind: "at", at: START + 90_000 } });
    expect(json.session.expiresAt).toBe(START + 90_000);
    expect(await panel.data()).toContain(new Date(START + 90_000).toISOString().replace(".000Z", "+00:00"));
  });

  it("refuses a moment that no store holds", async () => {
    const { status, json } = await panel.write("expiry", { change: { kind: "at", at: -1e14 } });
    expect({ status, code: json.code }).toEqual({ status: 403, code: "malformed" });
  });

  it("sets the end at browser close: the cookie has none, the stored session lives for the whole age", async () => {
    const { json } = await panel.write("expiry", { change: { kind: "browser-close" } });
    expect(json).toMatchObject({
      cookieExpiresAt: null,
      session: { atBrowserClose: true, expiresAt: START + 3_600_000 },
    });
  });

  it("returns to the settings' policy", async () => {
    await panel.write("expiry", { change: { kind: "seconds", seconds: 5 } });
    const { json } = await panel.write("expiry", { change: { kind: "default" } });
    expect(json.session.expiresAt).toBe(START + 3_600_000);
    expect(await panel.data()).not.toContain("_session_expiry");
  });

  it("shifts the stored end of this session alone, touching no clock and no data", async () => {
    const other = new Visitor(panel.site);
    await other.visit("/login", "POST");
    const before = await panel.data();
    const { json } = await panel.write("expiry", { change: { kind: "shift", shiftSeconds: 3_590 } });
    expect(json.session.expiresAt).toBe(START + 10_000);
    expect(json.cookieExpiresAt).toBe(START + 10_000);
    expect(await panel.data()).toBe(before);
    panel.now += 10_001;
    expect(await panel.look()).toMatchObject({
      found: false,
    });
    expect((await readSession(panel.site, other.cookie)).expiresAt).toBe(START + 3_600_000);
  });

  it("shifts a fixed moment in the data too, so that the next save does not bring it back", async () => {
    await panel.write("expiry", { change: { kind: "at", at: START + 900_000 } });
    await panel.write("expiry", { change: { kind: "shift", shiftSeconds: 600 } });
    await panel.visitor.visit("/set?a=1");
    expect((await readSession(panel.site, panel.visitor.cookie)).expiresAt).toBe(START + 300_000);
  });

  it("can end the session at once", async () => {
    const { status } = await panel.write("expiry", { change: { kind: "shift", shiftSeconds: 4_000 } });
    expect(status).toBe(200);
    expect(await panel.look()).toMatchObject({
      found: false,
    });
  });
});
