/**
 * Someone who holds the victim's cookie, and reaches the app only through what stands in front of it, writes calls for the bridge in
 * every way. None is answered.
 */
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bodies, bodiesFor, callBridge, type Forged, forgeCalls, isOfBridge, toBytes } from "./calls.ts";
import { ask, logIn, sendBytes } from "./client.ts";
import { startVite } from "./dev-servers.ts";
import { isMissing, type Part } from "./machine.ts";
import { startNextProduction } from "./next-server.ts";
import { startCaddy, startDefaultNginx, startHaproxy, startUsualNginx } from "./proxies.ts";
import type { AppOptions, Setup } from "./setup.ts";

const IS_WHOLE = process.env["SESSIONS_FIELD"] !== undefined;
const TOKEN = "q3Zt0rVYc1uXn7LwP5sKd9HfGb2MjEaT-example";
/** How many calls are under way at the same time. */
const AT_ONCE = 8;

/** What stands in front of the app. */
interface Front {
  start(app: AppOptions): Promise<Setup>;
  needs?: Part;
}

const FRONTS: Record<string, Front> = {
  "default nginx": { start: startDefaultNginx, needs: "nginx" },
  "nginx with the usual lines": { start: startUsualNginx, needs: "nginx" },
  "Vite with host: true that passes all on": {
    start: (app) => startVite({ ...app, passes: "/", isPublic: true }),
  },
  Caddy: { start: startCaddy, needs: "caddy" },
  haproxy: { start: startHaproxy, needs: "haproxy" },
};

/** Those that take their time. */
const SLOW_FRONTS: Record<string, Front> = {
  "Vite with host: true that passes /api on": { start: (app) => startVite({ ...app, isPublic: true }) },
  "next start -H 0.0.0.0": { start: (app) => startNextProduction(app, "0.0.0.0") },
};

/** An address of this machine that is not loopback: what someone on another machine connects to. */
const OUTER = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

/** How the attacker comes. */
interface Way {
  name: string;
  /** Empty: the bridge has none. Otherwise they have it, too. */
  token: string;
  address: string;
}

const WAY: Way = { name: "without a token, from this machine", token: "", address: "127.0.0.1" };
const MORE_WAYS: readonly Way[] = [
  { name: "with the token, from this machine", token: TOKEN, address: "127.0.0.1" },
  { name: "with the token, from outside", token: TOKEN, address: OUTER ?? "127.0.0.1" },
];

for (const [front, { start, needs }] of Object.entries({ ...FRONTS, ...(IS_WHOLE ? SLOW_FRONTS : {}) })) {
  for (const way of [WAY, ...(IS_WHOLE ? MORE_WAYS : [])]) {
    describe.skipIf(isMissing(needs))(`through ${front}, ${way.name}`, () => describeFront(start, way));
  }
}

function describeFront(start: Front["start"], { token, address }: Way): void {
  let setup: Setup;
  let victim: Victim;
  beforeAll(async () => {
    setup = await start(token === "" ? {} : { token });
    victim = await logInDirectly(setup, token);
  }, 120_000);
  afterAll(() => setup?.stop());

  it("no forged call is answered by the bridge, and the session stays as it was", async () => {
    const { answered, reached } = await forgeAll(setup, { ...victim, token, address });
    expect(answered).toEqual([]);
    expect(reached, "calls that reached the app").toBeGreaterThan(0);
    expect(await readSession(setup, victim.cookie)).toBe(victim.before);
  }, 600_000);

  it("the same calls to the app itself are answered afterwards: the bridge is still open", async () => {
    const base = `http://localhost:${setup.appPort}`;
    const answer = await callBridge(base, "session", victim.bodies.session, token);
    expect(answer.body).toContain('"found":true');
    const edit = await callBridge(base, "edit", victim.bodies.edit, token);
    expect(edit.status).toBe(200);
    expect(await readSession(setup, victim.cookie)).toContain("is_admin");
  });
}

interface Victim {
  cookie: string;
  bodies: Bodies;
  /** The session as the app shows it. */
  before: string;
}

/** Logs in at the app itself, so that no request has come through the proxy before the first forged one. */
async function logInDirectly({ appPort }: Setup, token: string): Promise<Victim> {
  const base = `http://localhost:${appPort}`;
  const { cookie } = await logIn(base);
  const { session } = bodiesFor(cookie, "");
  const read = await callBridge(base, "session", session, token);
  const { version } = JSON.parse(read.body).session;
  return { cookie, bodies: bodiesFor(cookie, version), before: await readSession({ appPort }, cookie) };
}

async function readSession({ appPort }: Pick<Setup, "appPort">, cookie: string): Promise<string> {
  return (await ask(`http://localhost:${appPort}/api/me`, { headers: { cookie } })).body;
}

/** Sends every forged call. @returns those that the bridge answered, and how many came as far as the app */
async function forgeAll(
  { pageUrl, appPort }: Setup,
  { bodies, token, address }: Victim & { token: string; address: string },
): Promise<{ answered: string[]; reached: number }> {
  const calls = forgeCalls(appPort, IS_WHOLE);
  const answered: string[] = [];
  let reached = 0;
  const send = async (forged: Forged) => {
    const received = await sendBytes(pageUrl, toBytes(forged, bodies, token), {
      address,
      ...(forged.lines.some((line) => line.startsWith("Upgrade:")) ? { until: passThrice(pageUrl) } : {}),
    });
    if (/^session-trace:/im.test(received)) reached += 1;
    if (isOfBridge(received)) {
      const { call, target, version, lines } = forged;
      answered.push(`${call} ${target} HTTP/${version} ${lines.join(" | ")} → ${received.slice(0, 12)}`);
    }
  };
  const work = async () => {
    for (const forged of calls) await send(forged);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { answered, reached };
}

/** Vite never answers an upgrade that it does not know: by the time later requests went through and back, nothing more comes. */
async function passThrice(pageUrl: string): Promise<void> {
  for (let count = 0; count < 3; count += 1) await ask(`${pageUrl}/api/seen`);
}
