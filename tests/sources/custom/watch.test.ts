/** What an app reports through `watch`: whose trace a call is in, what is left out, and what a source without it offers. */

import type { CustomCalls } from "session-bridge/sources";
import { afterEach, describe, expect, it, vi } from "vitest";
import { call, readCookie, readTraces } from "../panel-client.ts";
import { closeApps, createTable, FORMS, startTableApp } from "./table-app.ts";

afterEach(closeApps);
afterEach(() => void vi.restoreAllMocks());

const form = FORMS["hashed tokens"];
const visit = (base: string, path: string, cookie?: string) =>
  fetch(base + path, {
    method: "POST",
    headers: cookie === undefined ? {} : { cookie: `session=${cookie}` },
  });
const touchedBy = (base: string, cookie: string, path: string) =>
  readTraces(base, [cookie], (all) => all.some(({ request, touched }) => touched && request.path === path));

/** An app's `watch` that keeps what it is given. */
const hearing = (kept: Set<CustomCalls>) => (told: CustomCalls) => {
  kept.add(told);
  return () => kept.delete(told);
};

describe("a source without watch", () => {
  it("shows the session, and says that there are no traces", async () => {
    const { watch: _, ...source } = createTable(form).options;
    const table = createTable(form);
    const { load, save, delete: remove } = table.options;
    const { base } = await startTableApp({ form, table, source: { ...source, load, save, delete: remove } });
    const cookie = readCookie(await visit(base, "/login"), "session");
    const { answer } = await call(base, "hello", { protocol: 1 });
    expect(answer.capabilities).toEqual(["prove", "read", "edit", "expiry", "flush", "restore"]);
    const session = await call(base, "session", { protocol: 1, cookie });
    expect(session.answer.found && JSON.parse(session.answer.session.dataJson)).toMatchObject({
      user_id: 123,
    });
  });
});

describe("what an app reports through watch", () => {
  it("is in no trace if the bridge itself has called the app's function, also while a request is open", async () => {
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const { base } = await startTableApp({
      form,
      first(path) {
        if (path !== "/cart") return;
        arrived.resolve();
        return released.promise;
      },
    });
    const cookie = readCookie(await visit(base, "/login"), "session");
    const carting = visit(base, "/cart?item=tea", cookie);
    await arrived.promise;
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    const operations = [{ op: "set" as const, path: ["user_id"], valueJson: "7" }];
    const ifVersion = answer.found ? answer.session.version : "";
    expect((await call(base, "edit", { protocol: 1, cookie, ifVersion, operations })).status).toBe(200);
    released.resolve();
    await carting;
    const traces = (await touchedBy(base, cookie, "/cart")).filter(({ touched }) => touched);
    expect(
      traces.map(({ origin, operations: done, incomplete }) => [
        origin,
        done.map(({ name }) => name),
        incomplete,
      ]),
    ).toEqual([
      ["request", ["create"], undefined],
      ["panel", ["save"], undefined],
      ["request", ["load", "save"], undefined],
    ]);
  });

  it("ends when the bridge closes, and goes on with the bridge that replaces it", async () => {
    const table = createTable(form);
    const heard = new Set<CustomCalls>();
    const source = {
      ...table.options,
      watch: hearing(heard),
    };
    await startTableApp({ form, table, source });
    await startTableApp({ form, table, source });
    expect(heard.size).toBe(2);
    await closeApps();
    expect(heard.size).toBe(0);
  });

  it("is left out with one line if it cannot be understood, and the app's request goes on", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "warn").mockImplementation((line) => lines.push(String(line)));
    const table = createTable(form);
    const { options } = table;
    const told = new Set<CustomCalls>();
    const source = { ...options, watch: hearing(told) };
    const mistakes: ((one: CustomCalls, key: string) => void)[] = [
      (one, key) => one.saved(key, { id: "canary-4hw", expiresAt: null } as never),
      (one) => one.loaded(7 as never, null),
      (one, key) => one.saved(key, null as never),
      (one, key) => one.loaded(key, { data: { n: 1 }, expiresAt: null, key: "another key" }),
    ];
    const { base } = await startTableApp({
      ...{ form, table, source },
      first: (path, key) => {
        for (const one of told) mistakes[Number(path.slice(1))]?.(one, key ?? "");
      },
    });
    const cookie = table.create(form, { n: 1 }, new Date(Date.now() + 60_000));
    for (const path of mistakes.keys()) expect((await visit(base, `/${path}`, cookie)).status).toBe(200);
    expect(lines).toEqual([
      '[session-bridge] customSource("session table"): a call of watch() was not understood, so traces are incomplete. Give { data, expiresAt }, where data is an object, or null if there is no session.',
    ]);
    expect(lines.join()).not.toContain("canary");
  });
});
