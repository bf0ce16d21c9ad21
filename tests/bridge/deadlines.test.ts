/** What a bridge says about a session's deadlines: with the session, in traces of requests, and in those of a panel's edits. */
import { BRIDGE_PATH, parseAnswer } from "session-bridge/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { call, readSession, type Site, startSite, Visitor } from "./site.ts";
import { type Listener, listen } from "./stream.ts";

const START = 1_790_000_000_000;
const HOUR = 3_600_000;

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of toClose.splice(0).reverse()) await one.close();
});

async function open(sessions: object): Promise<{ site: Site; visitor: Visitor; listener: Listener }> {
  const site = await startSite({ sessions: { clock: () => START, ...sessions } });
  const visitor = new Visitor(site);
  await visitor.visit("/login", "POST");
  const listener = await listen(site, { cookies: [visitor.cookie] });
  toClose.push(site, listener);
  return { site, visitor, listener };
}

describe("deadlines", () => {
  const deadlines = { absolute: START + 2 * HOUR, idle: START + HOUR / 2 };
  const settings = { absoluteAge: 7200, idleAge: 1800 };

  it("are in the session's answer, and in both sides of a trace", async () => {
    const { site, visitor, listener } = await open(settings);
    const { json } = await call(site, "session", { cookie: visitor.cookie });
    expect(parseAnswer("session", json)).toMatchObject({ found: true, session: { deadlines } });
    await visitor.visit("/read");
    expect(await listener.trace("/read")).toMatchObject({ before: { deadlines }, after: { deadlines } });
  });

  it("move in the trace of a fast-forward", async () => {
    const { site, visitor, listener } = await open(settings);
    const { version } = await readSession(site, visitor.cookie);
    const change = { kind: "shift", shiftSeconds: 600 };
    await call(site, "expiry", { cookie: visitor.cookie, ifVersion: version, change });
    const { before, after } = await listener.trace(`${BRIDGE_PATH}expiry`);
    expect(before?.deadlines).toEqual(deadlines);
    expect(after?.deadlines).toEqual({
      absolute: deadlines.absolute - 600_000,
      idle: deadlines.idle - 600_000,
    });
  });

  it("are absent without the settings", async () => {
    const { site, visitor, listener } = await open({});
    expect((await readSession(site, visitor.cookie)).deadlines).toBeUndefined();
    await visitor.visit("/read");
    const { before, after } = await listener.trace("/read");
    for (const side of [before, after]) expect(Object.keys(side ?? {})).not.toContain("deadlines");
  });
});
