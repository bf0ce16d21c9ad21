/** Overlapping requests whose cookies arrive in the other order: what Auth.js then does, and what the bridge says of it. */
import { afterEach, describe, expect, it } from "vitest";
import { call, readTraces } from "../../sources/panel-client.ts";
import { Browser } from "./browser.ts";
import { MAJORS } from "./majors.ts";
import type { Site } from "./sites.ts";
import { SECRET } from "./users.ts";

const sites: Site[] = [];
afterEach(() => {
  for (const site of sites.splice(0)) site.close();
});

describe.each(MAJORS)("cookies of $major that arrive in the other order", ({ start, version, name }) => {
  async function visit(bulk: number) {
    const { base, close } = await start({ bridge: { secret: SECRET, version } });
    sites.push({ base, close });
    const browser = new Browser(base);
    await browser.logIn("john_doe", { bulk });
    const csrfToken = await browser.csrf();
    const update = (data: object) => browser.send("/api/auth/session", { csrfToken, data });
    const read = async () => {
      const { answer } = await call(base, "session", { protocol: 1, cookie: browser.possess(name) });
      return answer.found ? JSON.parse(answer.session.dataJson) : null;
    };
    const parts = () => [...browser.jar.keys()].filter((one) => one.startsWith(name)).sort();
    return { base, browser, update, read, parts };
  }

  it("put an older session over a newer one", async () => {
    const { base, browser, update, read } = await visit(0);
    const older = await update({ theme: "dark" });
    const newer = await update({ theme: "light" });
    browser.keep(newer);
    const lost = browser.possess(name);
    browser.keep(older);
    expect(await read()).toMatchObject({ theme: "dark" });
    await browser.ask("/");
    const traces = await readTraces(base, [lost, browser.possess(name)], (all) =>
      all.some(({ request }) => request.path === "/"),
    );
    const at = (trace: string) => traces.findIndex(({ id }) => id === trace);
    expect(at(newer.trace)).toBeGreaterThan(at(older.trace));
    expect(traces.at(-1)?.before?.version).toBe(traces[at(older.trace)]?.after?.version);
  });

  it("leave chunks of a long session next to a short one: the library opens neither, and deletes all", async () => {
    const { base, browser, update, read, parts } = await visit(0);
    const [long, short] = await Promise.all([update({ bulk: 2_000 }), update({ theme: "dark" })]);
    browser.keep(long);
    browser.keep(short);
    expect(parts()).toEqual([name, `${name}.0`, `${name}.1`, `${name}.2`]);
    expect(await read()).toBe(null);
    const shown = await browser.ask("/api/auth/session");
    expect(shown.body).toMatch(/^(null|\{\})$/);
    expect(parts()).toEqual([]);
    const traces = await readTraces(base, [], (all) => all.length > 0, [shown.trace]);
    expect(traces).toMatchObject([
      { before: null, after: null, incomplete: "unopened", cookie: { action: "deleted" } },
    ]);
  });

  it("mix the chunks of two sessions: the library opens none of them", async () => {
    const { browser, update, read, parts } = await visit(900);
    const [longer, long] = await Promise.all([update({ bulk: 2_000 }), update({ theme: "dark" })]);
    browser.keep(longer);
    browser.keep(long);
    expect(parts()).toEqual([`${name}.0`, `${name}.1`, `${name}.2`]);
    expect(await read()).toBe(null);
    expect((await browser.ask("/")).body).toBe("You are a guest.");
  });
});
