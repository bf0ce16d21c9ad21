/** What the tab reads from and writes to an app's own table, over HTTP, and what it says if a function of the app fails. */
import type { CustomSourceOptions } from "session-bridge/sources";
import { afterEach, describe, expect, it } from "vitest";
import { call } from "../panel-client.ts";
import { closeApps, createTable, FORMS, startTableApp, type Table } from "./table-app.ts";

afterEach(closeApps);

const form = FORMS["hashed tokens"];
const CANARY = "canary-of-the-app-5kq";

/** A table with one session, and an app whose source has some functions replaced. */
async function start(replace: (table: Table) => Partial<CustomSourceOptions> = () => ({})) {
  const table = createTable(form);
  const data = { user_id: 123, cart: { tea: 1, nuts: 2 } };
  const expiresAt = new Date(Date.now() + 60_000);
  const cookie = table.create(form, data, expiresAt);
  const source = { ...table.options, ...replace(table) };
  const { base, lines, contents } = await startTableApp({ form, table, source });
  const read = async () => {
    const { status, answer } = await call(base, "session", { protocol: 1, cookie, keep: true });
    return {
      status,
      answer,
      session: answer.found ? answer.session : null,
      kept: answer.found ? answer.kept : undefined,
    };
  };
  const versioned = async () =>
    ({ protocol: 1, cookie, ifVersion: (await read()).session?.version ?? "" }) as const;
  return { base, cookie, table, lines, contents, expiresAt, read, versioned };
}

const operations = [{ op: "set" as const, path: ["cart", "tea"], valueJson: "5" }];

describe("a session in the app's own table", () => {
  it("is shown with its expiry, and is the same version in whatever order its keys come", async () => {
    let isTurned = false;
    const turn = (data: object): object =>
      Object.fromEntries(
        Object.entries(data)
          .toReversed()
          .map(([name, value]) => [name, typeof value === "object" ? turn(value) : value]),
      );
    const { read, versioned, base, expiresAt, contents } = await start(({ options }) => ({
      load(key) {
        const found = options.load(key);
        isTurned = !isTurned;
        return found && { ...found, data: isTurned ? turn(found.data) : found.data };
      },
    }));
    const [first, second] = [await read(), await read()];
    expect(first.session).toMatchObject({ expiresAt: expiresAt.getTime(), atBrowserClose: false });
    expect(second.session?.dataJson).not.toBe(first.session?.dataJson);
    expect(second.session?.version).toBe(first.session?.version);
    expect((await call(base, "edit", { ...(await versioned()), operations })).status).toBe(200);
    expect(JSON.stringify(contents())).toContain('\\"tea\\":5');
  });

  it("gets another expiry, is flushed, and is put back as it was", async () => {
    const { base, cookie, read, versioned, contents } = await start();
    const before = contents();
    const change = { kind: "seconds", seconds: 30 } as const;
    const moved = await call(base, "expiry", { ...(await versioned()), change });
    expect(moved.answer.session?.expiresAt).toBeGreaterThan(Date.now() + 25_000);
    expect(moved.answer.session?.expiresAt).toBeLessThanOrEqual(Date.now() + 30_000);
    expect(moved.answer.cookie).toBe(cookie);
    const flushed = await call(base, "flush", await versioned());
    expect(contents()).toEqual([]);
    expect((await read()).session).toBeNull();
    const { kept } = flushed.answer;
    const restored = await call(base, "restore", { protocol: 1, cookie, kept, replaces: null });
    expect(restored.answer.cookie).toBe(cookie);
    expect(contents()).toEqual(before);
  });

  it("is not changed if the app has changed it since, or if only the app could know the value", async () => {
    const { base, cookie, table, versioned, contents } = await start();
    const seen = await versioned();
    for (const kind of ["default", "browser-close"] as const) {
      const refused = await call(base, "expiry", { ...seen, change: { kind } });
      expect([refused.status, JSON.stringify(refused.answer)]).toEqual([
        403,
        expect.stringContaining("Use seconds instead."),
      ]);
    }
    table.options.save(String(await form.toKey(cookie)), {
      data: { user_id: 7 },
      expiresAt: new Date(Date.now() + 60_000),
    });
    const before = contents();
    expect((await call(base, "edit", { ...seen, operations })).status).toBe(409);
    expect((await call(base, "flush", seen)).status).toBe(409);
    expect(contents()).toEqual(before);
  });

  it.each([
    ["expired", () => ({ data: {}, expiresAt: Date.now() - 1 })],
    ["stored under another key", () => ({ data: {}, expiresAt: null, key: "another" })],
    ["absent", () => undefined],
  ])("is none if it is %s", async (_, load) => {
    const { read } = await start(() => ({ load }));
    expect((await read()).answer).toMatchObject({ found: false, reason: "unknown" });
  });

  it("cannot be edited if the app would get another value back, and the refusal says where", async () => {
    const { base, read, versioned, contents } = await start(({ options }) => ({
      load: (key) => ({
        data: { ...options.load(key)?.data, since: { first: new Date(0) }, big: 2n },
        expiresAt: null,
      }),
    }));
    const before = contents();
    expect(JSON.parse((await read()).session?.dataJson ?? "")).toMatchObject({
      since: { first: "1970-01-01T00:00:00.000Z" },
      big: "2",
    });
    const { status, answer } = await call(base, "edit", { ...(await versioned()), operations });
    expect([status, JSON.stringify(answer)]).toEqual([403, expect.stringContaining('(\\"since.first\\")')]);
    expect(contents()).toEqual(before);
  });
});

/** Each is a mistake in the app's functions, and what the terminal says about it. */
const MISTAKES: [string, (table: Table) => Partial<CustomSourceOptions>, string][] = [
  ["load() throws", () => ({ load: () => fail() }), "load() failed. Correct the error that follows."],
  ["load() rejects", () => ({ load: async () => fail() }), "load() failed. Correct the error that follows."],
  [
    "load() returns a row",
    () => ({ load: () => ({ id: CANARY }) as never }),
    "load() returned something else than a session. Give { data, expiresAt }, where data is an object, or null",
  ],
  [
    "load() returns text",
    () => ({ load: () => ({ data: CANARY, expiresAt: null }) as never }),
    "where data is an object",
  ],
  [
    "load() counts in seconds",
    () => ({ load: () => ({ data: {}, expiresAt: Date.now() / 1000 }) }),
    "expiresAt looks like seconds since 1970. Multiply it by 1000.",
  ],
  [
    "load() has no expiry",
    () => ({ load: () => ({ data: {} }) as never }),
    "expiresAt must be a Date, milliseconds since 1970, or null.",
  ],
  [
    "load() has a wrong date",
    () => ({ load: () => ({ data: {}, expiresAt: new Date(CANARY) }) }),
    "expiresAt must be a Date",
  ],
  [
    "load() has no end of time",
    () => ({ load: () => ({ data: {}, expiresAt: Number.POSITIVE_INFINITY }) }),
    "expiresAt must be a Date, milliseconds since 1970, or null.",
  ],
  [
    "load() returns what contains itself",
    () => ({ load: () => ({ data: circle(), expiresAt: null }) }),
    "load() failed.",
  ],
  ["toKey() throws", () => ({ toKey: () => fail() }), "toKey() failed. Correct the error that follows."],
  [
    "toKey() rejects",
    () => ({ toKey: async () => fail() }),
    "toKey() failed. Correct the error that follows.",
  ],
  [
    "toKey() returns nothing",
    () => ({ toKey: (() => undefined) as never }),
    "toKey() must return the key as a string, or null for a cookie that your app refuses.",
  ],
  [
    "toKey() returns a number",
    () => ({ toKey: (async () => 7) as never }),
    "toKey() must return the key as a string",
  ],
];

function fail(): never {
  throw new TypeError(`the value "${CANARY}" is not good`);
}

function circle(): object {
  const data: Record<string, unknown> = { note: CANARY };
  return Object.assign(data, { data });
}

describe("a mistake in the app's functions", () => {
  it.each(MISTAKES)("%s: one line names the function, and no value", async (_, replace, sentence) => {
    const { lines, read, cookie } = await start(replace);
    const before = lines.length;
    const { status, answer } = await read();
    expect([status, answer]).toEqual([500, expect.objectContaining({ code: "failed" })]);
    const said = lines.slice(before);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('[session-bridge] session failed: customSource("session table"): ');
    expect(said[0]).toContain(sentence);
    expect(said.join() + JSON.stringify(answer)).not.toContain(CANARY);
    expect(said.join()).not.toContain(cookie);
  });

  it("save() that throws, and one that only updates, are answered the same way", async () => {
    const failing = await start(() => ({ save: () => fail() }));
    expect((await call(failing.base, "edit", { ...(await failing.versioned()), operations })).status).toBe(
      500,
    );
    expect(failing.lines.at(-1)).toMatch(
      /edit failed: customSource\("session table"\): save\(\) failed\..*cause: TypeError/,
    );
    const updating = await start(({ options }) => ({
      save: (key, session) => options.load(key) && options.save(key, session),
    }));
    const { cookie } = updating;
    const { answer } = await call(updating.base, "flush", await updating.versioned());
    const kept = { protocol: 1, cookie, kept: answer.kept, replaces: null } as const;
    expect((await call(updating.base, "restore", kept)).status).toBe(500);
    expect(updating.lines.at(-1)).toContain(
      "save() stored nothing under a key that was not there. Let it insert a row too.",
    );
    expect([...failing.lines, ...updating.lines].join()).not.toContain(CANARY);
  });
});
