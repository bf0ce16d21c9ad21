/** What a browser may hold of a split cookie, NAME and chunks together too: app, bridge and panel read the same from it. */
import { createServer } from "node:http";
import { getIronSession } from "iron-session";
import { openBridge } from "session-bridge/bridge";
import { ironSession } from "session-bridge/sources";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinCookies, splitNames } from "../../../extension/logic/chunked-cookies.ts";
import { fillCookie } from "../../panel/memory-ports/world.ts";
import { call, listen, readTraces } from "../../sources/panel-client.ts";
import { Browser } from "./browser.ts";
import { MAJORS } from "./majors.ts";
import type { Site } from "./sites.ts";
import { SECRET } from "./users.ts";

/** A site, and a browser that is logged in there. The session of the long login is in chunks. */
interface Library {
  library: string;
  name: string;
  start(): Promise<Site>;
  logIn(browser: Browser, isLong: boolean): Promise<unknown>;
  /** Who the app says you are with NAME and all chunks, with NAME and a later chunk, and with a gap. */
  together: readonly string[];
}

const GUEST = "a guest";
const NAMES = { iron: "iron", short: "john_doe", long: "ada" };

async function startIron(): Promise<Site> {
  const options = { password: SECRET, cookieName: NAMES.iron, chunk: true, cookieOptions: { secure: false } };
  const bridge = openBridge(ironSession(options), { enabled: true, log: () => {} });
  const server = createServer((request, response) =>
    bridge(request, response, async () => {
      const session = await getIronSession<{ name?: string; bulk?: string }>(request, response, options);
      const name = new URL(request.url ?? "", "http://site").searchParams.get("name");
      if (name !== null) {
        Object.assign(session, { name, ...(name === NAMES.long && { bulk: "tea ".repeat(2_000) }) });
        await session.save();
      }
      response.end(`You are ${session.name ?? GUEST}.`);
    }),
  );
  return { base: await listen(server), close: () => void server.close() };
}

const LIBRARIES: readonly Library[] = [
  ...MAJORS.map(({ major, name, version, start }) => ({
    library: major,
    name,
    start: () => start({ bridge: { secret: SECRET, version } }),
    logIn: (browser: Browser, isLong: boolean) =>
      browser.logIn(isLong ? NAMES.long : NAMES.short, { bulk: isLong ? 2_000 : 0 }),
    together: [GUEST, GUEST, GUEST],
  })),
  {
    library: "iron-session",
    name: NAMES.iron,
    start: startIron,
    logIn: (browser, isLong) => browser.ask(`/?name=${isLong ? NAMES.long : NAMES.short}`),
    together: [NAMES.short, NAMES.short, GUEST],
  },
];

describe.each(LIBRARIES)("$library", ({ name, start, logIn, together }) => {
  let site: Site;
  const parts = new Map<string, string>();
  beforeAll(async () => {
    site = await start();
    for (const isLong of [false, true]) {
      const browser = new Browser(site.base);
      await logIn(browser, isLong);
      for (const [each, value] of browser.jar) if (each.startsWith(name)) parts.set(each, value);
    }
  });
  afterAll(() => site.close());

  const [both, later, gap] = together;
  it.each([
    { held: [], says: GUEST },
    { held: [""], says: NAMES.short },
    { held: [".0", ".1", ".2"], says: NAMES.long },
    { held: ["", ".0", ".1", ".2"], says: both },
    { held: ["", ".1"], says: later },
    { held: [".0", ".2"], says: gap },
  ])("reads the same in app, bridge and panel from NAME + $held", async ({ held, says }) => {
    const browser = new Browser(site.base);
    for (const each of held) browser.jar.set(name + each, parts.get(name + each) ?? "");
    const { answer: hello } = await call(site.base, "hello", { protocol: 1 });
    const cookies = [...browser.jar].map(([each, value]) => fillCookie({ id: each, name: each, value }));
    const shown = joinCookies(cookies, splitNames(hello)).find((cookie) => cookie.name === name);
    const { answer } = await call(site.base, "session", { protocol: 1, cookie: shown?.value ?? "" });
    const app = await browser.send("/");
    expect(app.body).toBe(`You are ${says}.`);
    expect(answer.found ? JSON.parse(answer.session.dataJson).name : GUEST).toBe(says);
    const proofs = shown === undefined ? [] : [shown.value];
    const traces = await readTraces(site.base, proofs, (all) => all.some(({ id }) => id === app.trace), [
      app.trace,
    ]);
    const trace = traces.find(({ id }) => id === app.trace);
    expect(trace?.before?.keyId).toBe(answer.found ? answer.session.keyId : undefined);
  });
});
