/** The settings that a bridge takes for Auth.js: names, rotated secrets, and what it says when they are not the app's. */

import { authJs } from "session-bridge/sources";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call, readEvents } from "../../sources/panel-client.ts";
import { Browser } from "./browser.ts";
import { MAJORS } from "./majors.ts";
import { type Site, startFive } from "./sites.ts";
import { SECRET } from "./users.ts";

const NEW = "the secret that came after, longer than thirty-two";

beforeEach(() => {
  for (const name of ["AUTH_URL", "NEXTAUTH_URL"]) vi.stubEnv(name, undefined);
});
const sites: Site[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const site of sites.splice(0)) site.close();
});

const opened = async (starting: Promise<Site>) => {
  const site = await starting;
  sites.push(site);
  return site.base;
};
const read = async (base: string, cookie: string) =>
  (await call(base, "session", { protocol: 1, cookie })).answer.found;
/** The mismatch that the bridge reports, at the latest when it sends a trace with these cookies; null if it reports none. */
async function findMismatch(base: string, cookies: string[] = []) {
  for await (const event of readEvents(base, cookies)) {
    if (event.type === "mismatch" && event.mismatch !== null) return event.mismatch;
    if (event.type === "trace" && event.trace.request.path.endsWith("/session")) return null;
  }
  throw new Error("the stream has ended");
}

describe.each(MAJORS)("a bridge over $major", ({ start, version, name }) => {
  it("takes the name that the library takes", () => {
    const named = (more: object = {}) => authJs({ secret: SECRET, version, ...more }).cookieNames;
    expect(named()).toEqual([name]);
    vi.stubEnv("NEXTAUTH_URL", "https://shop.example/api/auth");
    expect(named()).toEqual([`__Secure-${name}`]);
    expect(named({ cookieName: "my-session" })).toEqual(["my-session"]);
  });

  it("reads cookies with the prefix for https, and whole names of the app's own", async () => {
    for (const cookieName of [`__Secure-${name}`, "my-session"]) {
      const options = cookieName === "my-session" ? {} : { secure: true, path: "/" };
      const config = { cookies: { sessionToken: { name: cookieName, options } } };
      const base = await opened(start({ bridge: { secret: SECRET, cookieName, version }, config }));
      const browser = new Browser(base);
      await browser.logIn("john_doe");
      expect(await read(base, browser.possess(cookieName))).toBe(true);
    }
  });

  it("says which setting to correct when the app's secret or name is another", async () => {
    const wrongSecret = await opened(start({ bridge: { secret: NEW, version } }));
    const browser = new Browser(wrongSecret);
    await browser.logIn("john_doe");
    expect(await findMismatch(wrongSecret)).toMatchObject({
      of: "secret",
      why: expect.stringContaining("Pass authJs({ secret })"),
    });
    expect(await read(wrongSecret, browser.possess(name))).toBe(false);

    const wrongName = await opened(start({ bridge: { secret: SECRET, version, cookieName: "other" } }));
    await new Browser(wrongName).logIn("john_doe");
    expect(await findMismatch(wrongName)).toMatchObject({
      of: "name",
      why: expect.stringContaining(`is "${name}"`),
    });
  });

  it("says nothing when both are the app's", async () => {
    const base = await opened(start({ bridge: { secret: SECRET, version } }));
    const browser = new Browser(base);
    await browser.logIn("john_doe");
    await browser.ask("/api/auth/session");
    expect(await read(base, browser.possess(name))).toBe(true);
    expect(await findMismatch(base, [browser.possess(name)])).toBe(null);
  });
});

it("reads what was encrypted with an older secret, as long as the list has it", async () => {
  const before = new Browser(await opened(startFive()));
  await before.logIn("john_doe");
  const cookie = before.possess("authjs.session-token");
  const rotated = [NEW, SECRET];
  const base = await opened(startFive({ bridge: { secret: rotated }, config: { secret: rotated } }));
  const after = new Browser(base);
  await after.logIn("john_doe");
  expect([await read(base, cookie), await read(base, after.possess("authjs.session-token"))]).toEqual([
    true,
    true,
  ]);
  const without = await opened(startFive({ bridge: { secret: [NEW] }, config: { secret: rotated } }));
  expect(await read(without, cookie)).toBe(false);
});

it("asks for the secret where there is none", () => {
  expect(() => authJs({ secret: process.env["NO_SUCH_VARIABLE"] })).toThrow(
    /Pass \{ secret: process\.env\.AUTH_SECRET \}/,
  );
  expect(() => authJs({ adapter: {} })).toThrow(/needs an adapter with getSessionAndUser/);
});
