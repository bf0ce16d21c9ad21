/** A site with a victim, whose session holds a canary, and an attacker with another session. */
import type { Stored } from "session-bridge";
import { afterEach, expect } from "vitest";
import { type Answer, call, type Site, type SiteOptions, startSite, Visitor } from "../../bridge/site.ts";
import { type Listener, listen } from "../../bridge/stream.ts";

/** A value in the victim's session that no response of the site shows: anyone who has it has read the session. */
export const CANARY = "canary of the victim";

/** The path that puts the canary into a session. */
export const SET_CANARY = `/set?note=${encodeURIComponent(JSON.stringify(CANARY))}`;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Ends something after the test, in reverse order. */
export function later(close: () => unknown): void {
  closing.push(close);
}

/** Two users of one server. */
export interface Scene {
  site: Site;
  victim: Visitor;
  attacker: Visitor;
}

/** Starts a site; both are logged in. */
export async function openScene(options: SiteOptions = {}): Promise<Scene> {
  const site = await startSite(options);
  later(() => site.close());
  const [victim, attacker] = [new Visitor(site), new Visitor(site)];
  await victim.visit(SET_CANARY);
  for (const one of [victim, attacker]) await one.visit("/login", "POST");
  return { site, victim, attacker };
}

/** What the victim's own panel gets. It shows that the canary can be read. */
export async function readAsVictim({ site, victim }: Scene): Promise<Answer> {
  const answer = await call(site, "session", { cookie: victim.cookie, keep: true });
  expect(answer.text).toContain(CANARY);
  return answer;
}

/** The attack gets nothing: no received byte is the victim's, whose session is unchanged. */
export async function expectNothing(scene: Scene, attack: () => Promise<readonly string[]>): Promise<void> {
  const before = await storedOf(scene);
  const received = (await attack()).join("\n");
  for (const secret of [CANARY, ...scene.victim.held]) expect(received).not.toContain(secret);
  const after = await storedOf(scene);
  expect(after?.text).toBe(before?.text);
  // Redis counts what is left, so its times differ by a few milliseconds
  expect(Math.abs(endOf(after) - endOf(before))).toBeLessThan(1_000);
  await readAsVictim(scene);
}

/** Every byte of the calls' responses for one possession. */
export async function callAll(
  site: Pick<Site, "origin">,
  cookie: string,
  ifVersion = "x",
): Promise<string[]> {
  const operations = [{ op: "set", path: ["note"], valueJson: '"changed"' }];
  const kept = { cookie, sealed: Buffer.alloc(200, cookie).toString("base64url") };
  const bodies: Record<string, object> = {
    session: { cookie, keep: true },
    edit: { cookie, ifVersion, operations },
    expiry: { cookie, ifVersion, change: { kind: "seconds", seconds: 1 } },
    cycle: { cookie, ifVersion },
    flush: { cookie, ifVersion },
    restore: { cookie, kept, replaces: null },
  };
  const received: string[] = [];
  for (const [name, body] of Object.entries(bodies)) received.push((await call(site, name, body)).text);
  return received;
}

/**
 * Everything that a newly opened stream sends, up to the trace of a request by the attacker that
 * came last and that they name by its id.
 */
export async function overhear(site: Site, request: { cookies?: string[]; ids?: string[] }): Promise<string> {
  const { traceId } = await new Visitor(site).visit("/plain");
  const listener = await listenIn(site, { ...request, ids: [...(request.ids ?? []), traceId] });
  for (;;) if ((await listener.next("trace")).trace.id === traceId) return JSON.stringify(listener.events);
}

/** A stream that is closed after the test. */
export async function listenIn(
  site: Pick<Site, "origin">,
  request: Parameters<typeof listen>[1],
): Promise<Listener> {
  const listener = await listen(site, request);
  later(() => listener.close());
  return listener;
}

function endOf(stored: Stored | null): number {
  return stored?.expiresAtMs ?? 0;
}

async function storedOf({ site, victim }: Scene): Promise<Stored | null> {
  const { engine } = site.sessions;
  const stored = await (engine.inspect ? engine.inspect(victim.cookie) : engine.load(victim.cookie));
  return stored === "expired" ? null : stored;
}
