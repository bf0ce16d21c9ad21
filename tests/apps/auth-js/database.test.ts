/** Sessions that Auth.js keeps in PostgreSQL: traces of logins, refreshes and logouts, and what the tab can change. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { call, readTraces } from "../../sources/panel-client.ts";
import { Browser } from "./browser.ts";
import { type DatabaseSite, startOnPostgres } from "./database-site.ts";

const NAME = "authjs.session-token";

let site: DatabaseSite;
let john: Browser;
beforeEach(async () => {
  site = await startOnPostgres();
  john = new Browser(site.base);
  await site.logIn(john, "john@example.com");
});
afterEach(() => site.stop());

const read = async (cookie: string) => (await call(site.base, "session", { protocol: 1, cookie })).answer;

/** The version that a write needs. */
async function versionOf(cookie: string): Promise<string> {
  const answer = await read(cookie);
  return answer.found ? answer.session.version : "";
}

it("shows a login with its user, a refresh that moves only the expiry, and a logout", async () => {
  const cookie = john.possess(NAME);
  await john.ask("/api/auth/session");
  const { trace } = await john.logOut();
  const traces = await readTraces(site.base, [cookie], (all) => all.some(({ id }) => id === trace), [trace]);
  const shown = traces.map(({ request, changes, operations, after, cookie: sent }) => ({
    path: request.path.replace("/api/auth", ""),
    changes: changes.map(({ kind, key }) => `${kind} ${key}`),
    did: operations.map(({ name }) => name),
    user: after && JSON.parse(after.dataJson).user?.name,
    cookie: sent?.action,
  }));
  const [login, refresh] = traces.filter(({ after }) => after !== null);
  expect(refresh?.before?.version).toBe(login?.after?.version); // nothing happened between the two
  expect(shown.filter(({ did }) => did.length > 0)).toEqual([
    {
      path: "/callback/link",
      changes: ["added userId", "added user"],
      did: ["create"],
      user: "john_doe",
      cookie: "set",
    },
    { path: "/session", changes: [], did: ["load", "save"], user: "john_doe", cookie: "set" },
    // the library deletes the row unread
    { path: "/signout", changes: [], did: ["flush"], user: null, cookie: "deleted" },
  ]);
});

it("reads the session and its user, and prolongs nothing by reading", async () => {
  const stored = async () => (await site.pool.query("SELECT * FROM sessions")).rows;
  const before = await stored();
  const answer = await read(john.possess(NAME));
  expect(answer.found && JSON.parse(answer.session.dataJson)).toMatchObject({
    userId: 123,
    user: { id: 123, name: "john_doe", email: "john@example.com" },
  });
  expect(answer.found && answer.session.expiresAt).toBe(before[0]?.expires.getTime());
  expect(await stored()).toEqual(before);
  const { answer: hello } = await call(site.base, "hello", { protocol: 1 });
  expect(hello.capabilities).toEqual(
    expect.arrayContaining(["read", "traces", "expiry", "flush", "restore"]),
  );
  expect(hello.capabilities).not.toContain("edit");
});

it("changes the expiry, which the library then respects", async () => {
  const cookie = john.possess(NAME);
  const change = { kind: "seconds", seconds: 90 } as const;
  await call(site.base, "expiry", { protocol: 1, cookie, change, ifVersion: await versionOf(cookie) });
  const answer = await read(cookie);
  const left = answer.found ? (answer.session.expiresAt ?? 0) - answer.serverTime : 0;
  expect(left).toBeGreaterThan(30_000);
  expect(left).toBeLessThanOrEqual(90_000);
});

it("deletes the session, and puts it back as it was", async () => {
  const cookie = john.possess(NAME);
  const first = await read(cookie);
  const flushed = await call(site.base, "flush", { protocol: 1, cookie, ifVersion: await versionOf(cookie) });
  expect((await john.send("/")).body).toBe("You are a guest.");
  await call(site.base, "restore", { protocol: 1, cookie, kept: flushed.answer.kept, replaces: null });
  expect((await john.send("/")).body).toBe("You are john_doe.");
  const again = await read(cookie);
  expect(again.found && first.found && again.session.dataJson).toBe(first.found && first.session.dataJson);
});

it("keeps another user's session out of the trace of the request that ends it (T27)", async () => {
  const ada = new Browser(site.base);
  await site.logIn(ada, "ada@example.com");
  const [theirs, own] = [ada.possess(NAME), john.possess(NAME)];
  const { trace } = await john.ask("/end", { token: theirs });
  expect((await ada.send("/")).body).toBe("You are a guest.");
  const traces = await readTraces(site.base, [own], (all) => all.some(({ id }) => id === trace));
  expect(traces.at(-1)).toMatchObject({
    operations: [
      { name: "load" },
      { name: "save" },
      { name: "flush", reason: expect.stringMatching(/^another session/) },
    ],
    flushedKeys: null,
  });
  expect(JSON.stringify(traces)).not.toMatch(/ada/);
  const seen = await readTraces(site.base, [theirs], (all) => all.length > 0);
  expect(JSON.stringify(seen)).not.toMatch(/john|\/end/);
});

it("takes a key only exactly as it is stored (T25)", async () => {
  const key = john.possess(NAME);
  const tries = [
    key.toUpperCase(),
    ` ${key}`,
    `${key} `,
    "%",
    "' OR 1=1 --",
    "../config",
    key.slice(1),
    "a".repeat(5_000),
  ];
  const answers = await Promise.all(tries.map(read));
  expect(answers.map(({ found }) => found)).toEqual(tries.map(() => false));
});
