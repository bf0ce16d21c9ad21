/** Sessions that Auth.js 5 and next-auth 4 keep in encrypted cookies: login, refresh, update, chunks and logout in the tab. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call, readTraces } from "../../sources/panel-client.ts";
import { Browser } from "./browser.ts";
import { MAJORS } from "./majors.ts";
import type { Site } from "./sites.ts";
import { SECRET } from "./users.ts";

const sites: Site[] = [];
beforeEach(() => vi.stubEnv("NODE_ENV", "development")); // elsewhere no lines of code are sampled
afterEach(() => {
  vi.unstubAllEnvs();
  for (const site of sites.splice(0)) site.close();
});

describe.each(MAJORS)("the bridge over $major", ({ start, version, name, age }) => {
  async function visit(bulk = 0) {
    const site = await start({ bridge: { secret: SECRET, version } });
    sites.push(site);
    const browser = new Browser(site.base);
    await browser.logIn("john_doe", { bulk });
    return { ...site, browser };
  }

  it("shows what a login, a refresh, an update and a logout did, and the lines that wrote", async () => {
    const { base, browser } = await visit();
    const proofs = [browser.possess(name)];
    for (const act of [
      () => browser.ask("/api/auth/session"),
      () => browser.update({ theme: "dark" }),
      () => browser.logOut(),
    ]) {
      await act();
      proofs.push(browser.possess(name));
    }
    const shown = (
      await readTraces(base, proofs, (all) => all.some(({ flushedKeys }) => flushedKeys !== null))
    )
      .filter(({ touched, request }) => touched && !request.path.endsWith("/csrf"))
      .map(({ request, changes, operations, cookie }) => ({
        path: request.path.replace("/api/auth", ""),
        changes: changes.map(
          ({ kind, key, writer }) => `${kind} ${key}${writer ? ` by ${writer.replace(/:\d+$/, "")}` : ""}`,
        ),
        did: operations.map((one) => one.name),
        cookie: cookie?.action,
      }));
    const users = "tests/apps/auth-js/users.ts";
    expect(shown).toEqual([
      {
        path: "/callback/credentials",
        changes: expect.arrayContaining([`added sub`, `added id by ${users}`, `added role by ${users}`]),
        did: ["create"],
        cookie: "set",
      },
      { path: "/session", changes: [], did: ["load", "save"], cookie: "set" },
      { path: "/session", changes: [`added theme by ${users}`], did: ["load", "save"], cookie: "set" },
      {
        path: "/signout",
        changes: expect.arrayContaining(["removed sub"]),
        did: ["load", "flush"],
        cookie: "deleted",
      },
    ]);
  });

  it("reads the user, without the claims that the library renews, and the token's own expiry", async () => {
    const { base, browser } = await visit();
    const { answer } = await call(base, "session", { protocol: 1, cookie: browser.possess(name) });
    if (!answer.found) throw new Error(answer.reason);
    expect(Object.keys(JSON.parse(answer.session.dataJson)).sort()).toEqual(
      [
        "accessToken",
        "email",
        "id",
        "name",
        "refreshToken",
        "role",
        "sub",
        ...(version === 4 ? [] : []),
      ].sort(),
    );
    expect(JSON.parse(answer.session.dataJson)).toMatchObject({ sub: "123", name: "john_doe", id: "123" });
    const left = (answer.session.expiresAt ?? 0) - answer.serverTime;
    expect(left).toBeGreaterThan((age - 60) * 1000);
    expect(left).toBeLessThanOrEqual((age + 1) * 1000);
  });

  it("says that it can read and trace, and not edit", async () => {
    const { base } = await visit();
    const { answer } = await call(base, "hello", { protocol: 1 });
    expect(answer).toMatchObject({ library: { name: "Auth.js" }, cookieNames: [name], chunked: "all" });
    expect(answer.capabilities).not.toContain("edit");
  });

  it("joins the chunks of a long session, and follows it when it becomes short", async () => {
    const { base, browser } = await visit(2_000);
    expect([...browser.jar.keys()]).toContain(`${name}.2`);
    const long = browser.possess(name);
    await browser.update({ bulk: 0 });
    const short = browser.possess(name);
    expect([...browser.jar.keys()].filter((one) => one.startsWith(name))).toEqual([name]);
    const read = async (cookie: string) => {
      const { answer } = await call(base, "session", { protocol: 1, cookie });
      return answer.found ? Object.keys(JSON.parse(answer.session.dataJson)).includes("bulk") : answer.reason;
    };
    expect([await read(long), await read(short), await read(long.slice(0, -5))]).toEqual([
      true,
      false,
      "tampered",
    ]);
    const traces = await readTraces(base, [short], (all) => all.some(({ changes }) => changes.length === 1));
    expect(traces.at(-1)?.changes).toMatchObject([{ key: "bulk", kind: "removed" }]);
    expect(traces.flatMap(({ findings }) => findings)).toEqual([]);
  });
});
