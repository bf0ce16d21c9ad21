/** Changing when a session expires, and simulating time on one session only (T23). */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Panel, START } from "../panel.ts";
import { readSession, Visitor } from "../site.ts";

let panel: Panel;
beforeEach(async () => {
  panel = await Panel.open();
});
afterEach(() => panel.close());

describe("expiry", () => {
  it("sets seconds, which the stored expiry and the cookie's expiry follow", async () => {
    const { json } = await panel.write("expiry", { change: { kind: "seconds", seconds: 300 } });
    expect(json.session).toMatchObject({
      expiresAt: START + 300_000,
      ageSeconds: 300,
      atBrowserClose: false,
    });
    expect(json.cookieExpiresAt).toBe(START + 300_000);
    expect(await panel.data()).toContain('"_session_expiry":300');
  });

  it("sets a datetime, as Django writes it", async () => {
    const { json } = await panel.write("expiry", { change: { kind: "at", at: START + 90_000 } });
    expect(json.session.expiresAt).toBe(START + 90_000);
    expect(await panel.data()).toContain(new Date(START + 90_000).toISOString().replace(".000Z", "+00:00"));
  });

  it("refuses a datetime that no store can hold", async () => {
    const { status, json } = await panel.write("expiry", { change: { kind: "at", at: -1e14 } });
    expect({ status, code: json.code }).toEqual({ status: 403, code: "malformed" });
  });

  it("sets the session to end when the browser closes: the cookie has no expiry, the stored session has the whole age", async () => {
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

  it("shifts only this session's stored expiry, and changes no clock and no data", async () => {
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

  it("also shifts a fixed datetime in the data, so that the next save does not restore it", async () => {
    await panel.write("expiry", { change: { kind: "at", at: START + 900_000 } });
    await panel.write("expiry", { change: { kind: "shift", shiftSeconds: 600 } });
    await panel.visitor.visit("/set?a=1");
    expect((await readSession(panel.site, panel.visitor.cookie)).expiresAt).toBe(START + 300_000);
  });

  it("can expire the session immediately", async () => {
    const { status } = await panel.write("expiry", { change: { kind: "shift", shiftSeconds: 4_000 } });
    expect(status).toBe(200);
    expect(await panel.look()).toMatchObject({
      found: false,
    });
  });
});
