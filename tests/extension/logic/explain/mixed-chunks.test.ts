/** Chunks of two generations: said only if the Set-Cookies show it and the server cannot open what they are together. */
import type { Joining } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { joinCookies, type SplitNames } from "../../../../extension/logic/chunked-cookies.ts";
import { explainRow } from "../../../../extension/logic/explain/explain-row.ts";
import type { Surroundings } from "../../../../extension/logic/explain/gather.ts";
import { findMixedChunks } from "../../../../extension/logic/explain/mixed-chunks.ts";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { AT, cookie } from "./material.ts";
import { A, row } from "./two-servers.ts";

const WHOLE: SplitNames = new Map([["app", "whole"]]);
const sets = (number: number, path: string, ...values: (string | null)[]) =>
  row(number, A + path, {
    method: "POST",
    setCookies: values.flatMap((value, at) =>
      value === null ? [] : [`app.${at}=${value}; Path=/; HttpOnly`],
    ),
  });
const jar = (...values: string[]) =>
  values.map((value, at) => cookie({ id: `c${at}`, name: `app.${at}`, value }));
const found = (values: string[], entries: readonly Entry[]) => {
  const [whole] = joinCookies(jar(...values), WHOLE);
  return whole === undefined ? undefined : findMixedChunks(whole, entries);
};

const login = sets(1, "/login", "a0", "a1");
const refresh = sets(2, "/refresh", "b0", "b1");

const around = (entries: readonly Entry[], changes: Partial<Surroundings> = {}): Surroundings => ({
  entries,
  list: { cookies: jar("b0", "a1"), hosts: ["localhost"], denied: [] },
  pageUrl: `${A}/`,
  session: { serverTime: 0, found: false, reason: "tampered" },
  skewMs: null,
  closed: false,
  removed: new Map(),
  split: WHOLE,
  now: AT + 60_000,
  ...changes,
});
const said = (entry: Entry | null, all: Surroundings, names = ["app.0", "app.1"]) =>
  explainRow(names, entry, all).filter(({ rule }) => rule === "chunks-of-two-generations");

describe("the chunks in the browser", () => {
  it("are of two responses if no single one has set them all", () => {
    expect(found(["b0", "a1"], [login, refresh])).toEqual({
      chunks: [
        { name: "app.0", row: "2 · POST /refresh" },
        { name: "app.1", row: "1 · POST /login" },
      ],
      lastRow: "2",
    });
  });

  it("have an old one at the end if a shorter value left it there", () => {
    expect(found(["b0", "b1", "a2"], [refresh])?.chunks).toEqual([
      { name: "app.0", row: "2 · POST /refresh" },
      { name: "app.1", row: "2 · POST /refresh" },
      { name: "app.2", row: null },
    ]);
  });

  it("are of one response if it has set each of them with its value", () => {
    expect(found(["b0", "b1"], [login, refresh])).toBeNull();
    expect(found(["b0", "b1"], [refresh, sets(3, "/other", "b0", null)])).toBeNull();
  });

  it("are of unknown responses if none was seen to set one of them", () => {
    expect(found(["x0", "x1"], [login, refresh])).toBeNull();
    expect(found(["x0"], [login])).toBeNull();
  });
});

describe("“Why?”", () => {
  it("says it once, of now and of the row that set the last of them", () => {
    const all = around([login, refresh]);
    expect(said(null, all)).toEqual([
      {
        rule: "chunks-of-two-generations",
        sentence:
          "The chunks of app are not of one response: app.0 is of 2 · POST /refresh, app.1 is of 1 · POST /login. The server cannot open what they are together.",
        remedy: "Delete the cookie in the list, which deletes all of its chunks, and sign in again.",
      },
    ]);
    expect(said(refresh, all)).toEqual(said(null, all));
    expect(said(login, all)).toEqual([]);
  });

  it.each<[string, Partial<Surroundings>]>([
    ["the server can open them", { session: null }],
    [
      "the server knows the cookie and has no session for it",
      { session: { serverTime: 0, found: false, reason: "unknown" } },
    ],
    ["no bridge splits cookies of that name", { split: new Map() }],
    ["the cookies are of another time", { list: null }],
  ])("is silent if %s", (_why, changes) => {
    expect(said(null, around([login, refresh], changes))).toEqual([]);
  });
});

it("a chunk that someone edited is not said to be of an earlier response", () => {
  const list = { cookies: jar("a0", "edited"), hosts: ["localhost"], denied: [] };
  const [one] = said(null, around([login], { list }));
  expect(one?.sentence).toContain("app.0 is of 1 · POST /login, app.1 is of no response in this timeline.");
});

describe("a cookie NAME next to chunks of another response", () => {
  const short = row(2, `${A}/refresh`, { method: "POST", setCookies: ["app=b; Path=/; HttpOnly"] });
  const whole = cookie({ id: "w", name: "app", value: "b" });
  const saidOf = (joining: Joining, ...entries: Entry[]) => {
    const list = { cookies: [whole, ...jar("a0", "a1")], hosts: ["localhost"], denied: [] };
    const all = around(entries, { list, split: new Map([["app", joining]]) });
    return said(null, all, ["app", "app.0", "app.1"]).map(({ sentence }) => sentence);
  };

  it("is said of a library that joins both, and not of one that reads NAME alone", () => {
    expect(saidOf("all", login, short)).toEqual([
      "The chunks of app are not of one response: app is of 2 · POST /refresh, app.0 is of 1 · POST /login, app.1 is of 1 · POST /login. The server cannot open what they are together.",
    ]);
    expect(saidOf("whole", login, short)).toEqual([]);
  });

  it("is not said if one response set them all", () => {
    const both = row(3, `${A}/odd`, {
      setCookies: ["app=b; Path=/", "app.0=a0; Path=/", "app.1=a1; Path=/"],
    });
    expect(saidOf("all", login, short, both)).toEqual([]);
  });
});
