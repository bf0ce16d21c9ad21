/** What reaches the app in each set-up in which people develop, and what the response says about where the bridge is. */
import { readTraceHeader } from "session-bridge/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARRIVALS, type Arrival } from "./arrivals.ts";
import { bodiesFor, callBridge } from "./calls.ts";
import { ask, logIn, type Response } from "./client.ts";
import { startTwo } from "./elsewhere.ts";
import { isMissing } from "./machine.ts";
import type { Setup } from "./setup.ts";

const chosen = Object.entries(ARRIVALS).filter(
  ([, { isField }]) => isField !== true || process.env["SESSIONS_FIELD"] !== undefined,
);

for (const [name, arrival] of chosen)
  describe.skipIf(isMissing(arrival.needs))(name, () => describeSetup(arrival));

function describeSetup(arrival: Arrival): void {
  let setup: Setup;
  let seen: Response;
  let cookie: string;
  beforeAll(async () => {
    setup = await arrival.start();
    const login = await logIn(setup.pageUrl, { isHttp2: arrival.isHttp2 ?? false });
    cookie = login.cookie;
    seen = await ask(`${setup.pageUrl}/api/seen`, { isHttp2: arrival.isHttp2 ?? false, headers: { cookie } });
  }, 120_000);
  afterAll(() => setup?.stop());

  it("brings the request to the app as expected", () => {
    expect(readArrived(JSON.parse(seen.body), setup)).toEqual(arrival.arrives);
  });

  it("marks the response with the bridge's port and state, also after an earlier request", () => {
    const { at, state } = readTraceHeader(seen.headers["session-trace"] ?? "") ?? {};
    expect({ at: at ?? null, state }).toEqual(expectedMark(arrival, setup));
  });

  it("brings the login to the page", async () => {
    const me = await ask(`${setup.pageUrl}/api/me`, {
      isHttp2: arrival.isHttp2 ?? false,
      headers: { cookie },
    });
    expect(JSON.parse(me.body)).toEqual({ user_id: 123, name: "ada" });
  });

  it(`the panel's call ${arrival.answers === null ? "is not answered by the app" : "is answered by the app"}`, async () => {
    const { session } = bodiesFor(cookie, "");
    const base = arrival.answers?.(setup) ?? setup.pageUrl;
    const answer = await callBridge(base, "session", session, arrival.token);
    expect(answer.body.includes('"found":true')).toBe(arrival.answers !== null);
  });
}

describe("two servers on one host", () => {
  let two: Awaited<ReturnType<typeof startTwo>>;
  beforeAll(async () => {
    two = await startTwo();
  });
  afterAll(() => two?.stop());

  it("share one cookie name, and a login at one logs the browser out of the other", async () => {
    const { first, second } = two;
    const { cookie } = await logIn(first.pageUrl);
    const other = await logIn(second.pageUrl, { headers: { cookie } });
    expect(other.cookie.split("=")[0]).toBe(cookie.split("=")[0]);
    const me = await ask(`${first.pageUrl}/api/me`, { headers: { cookie: other.cookie } });
    expect(me.body).toBe("{}");
  });

  it("are each marked with their own port", async () => {
    for (const { pageUrl, appPort } of [two.first, two.second]) {
      const { headers } = await ask(`${pageUrl}/api/me`);
      const mark = readTraceHeader(headers["session-trace"] ?? "");
      expect(mark).toMatchObject({ at: { port: appPort, isTls: false }, state: null });
    }
  });
});

function expectedMark({ at, state }: Arrival, { appPort }: Setup) {
  return { at: at === null ? null : { port: appPort, isTls: at === "https" }, state };
}

/** Reduces what arrived to what a bridge can judge by. */
function readArrived(
  { httpVersion, rawHeaders, peer }: { httpVersion: string; rawHeaders: string[]; peer: string },
  { pageUrl, appPort }: Setup,
): Arrival["arrives"] {
  const pairs = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? ""]] : [],
  );
  const headers = Object.fromEntries(pairs) as Record<string, string>;
  const page = new URL(pageUrl);
  const { host = "" } = headers;
  const hosts: Record<string, string> = {
    [page.hostname]: "the page's without a port",
    [page.host]: "the page's",
  };
  for (const name of ["localhost", "127.0.0.1"]) hosts[`${name}:${appPort}`] ??= "the app's";
  const forwarded = Object.keys(headers).filter((name) => /^(x-|forwarded$|via$)/.test(name));
  return {
    http: httpVersion,
    peer: /^(::1|(::ffff:)?127\..*)$/.test(peer) ? "loopback" : "another machine",
    host: hosts[host] ?? host,
    connection: headers["connection"] ?? "absent",
    forwarded: Object.fromEntries(
      forwarded.sort().map((name) => [name, (headers[name] ?? "").replace(page.port, "PORT")]),
    ),
  };
}
