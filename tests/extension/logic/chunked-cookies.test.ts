/** Session cookies in chunks: joined as the bridge joins them, cut again for the browser, and read from responses. */
import { describe, expect, it } from "vitest";
import {
  joinCookies,
  joinSetCookies,
  namesInBrowser,
  type SplitNames,
  splitWhole,
  wholeName,
} from "../../../extension/logic/chunked-cookies.ts";
import { valuesSet } from "../../../extension/logic/cookie-rows.ts";
import { AT, cookie, request } from "./explain/material.ts";

const WHOLE: SplitNames = new Map([["app", "whole"]]);
const ALL: SplitNames = new Map([["app", "all"]]);
const chunk = (at: number, value: string, changes: Parameters<typeof cookie>[0] = {}) =>
  cookie({ id: `c${at}`, name: `app.${at}`, value, ...changes });
const valuesOf = (cookies: ReturnType<typeof joinCookies>) =>
  Object.fromEntries(cookies.map(({ name, value }) => [name, value]));

describe("the chunks that the browser holds", () => {
  it("are one cookie in the order of their numbers, whatever order the browser lists them in", () => {
    const held = [chunk(1, "b"), cookie({ id: "o", name: "other" }), chunk(0, "a"), chunk(10, "z")];
    expect(valuesOf(joinCookies(held, WHOLE))).toEqual({ app: "ab", other: "abc", "app.10": "z" });
  });

  it("keep the id of the first chunk, end with the first that expires, and remember the cookies", () => {
    const held = [chunk(0, "a", { expiresAt: AT + 2 }), chunk(1, "b", { expiresAt: AT + 1 })];
    expect(joinCookies(held, WHOLE)).toEqual([
      { ...held[0], name: "app", value: "ab", expiresAt: AT + 1, chunks: held },
    ]);
  });

  it("count up to the first gap, and an empty one is a gap", () => {
    expect(valuesOf(joinCookies([chunk(0, "a"), chunk(2, "c")], WHOLE))).toEqual({
      app: "a",
      "app.2": "c",
    });
    const empty = [chunk(0, "a"), chunk(1, ""), chunk(2, "c")];
    expect(valuesOf(joinCookies(empty, WHOLE))).toEqual({ app: "a", "app.1": "", "app.2": "c" });
  });

  it("do not count next to a whole cookie with a value", () => {
    const whole = cookie({ id: "w", name: "app", value: "all" });
    expect(joinCookies([whole, chunk(0, "a")], WHOLE)).toEqual([whole, chunk(0, "a")]);
    expect(valuesOf(joinCookies([{ ...whole, value: "" }, chunk(0, "a")], WHOLE))).toMatchObject({
      app: "a",
    });
  });

  it("count after NAME, and over gaps, for a library that joins all", () => {
    const whole = cookie({ id: "w", name: "app", value: "whole-" });
    expect(joinCookies([chunk(1, "b"), chunk(0, "a"), whole], ALL)).toMatchObject([
      { id: "w", name: "app", value: "whole-ab", chunks: [whole, { name: "app.0" }, { name: "app.1" }] },
    ]);
    expect(valuesOf(joinCookies([chunk(0, "a"), chunk(2, "c")], ALL))).toEqual({ app: "ac" });
    expect(valuesOf(joinCookies([{ ...whole, value: "" }, chunk(0, "a")], ALL))).toMatchObject({ app: "a" });
    expect(joinCookies([whole], ALL)).toEqual([whole]);
  });

  it("are not joined across hosts, paths and partitions, nor if no bridge splits cookies of that name", () => {
    const apart = [chunk(0, "a"), chunk(1, "b", { path: "/app" }), chunk(1, "c", { domain: "a.test" })];
    expect(joinCookies(apart, WHOLE).map(({ value }) => value)).toEqual(["a", "b", "c"]);
    expect(joinCookies([chunk(0, "a"), chunk(1, "b")], new Map([["ap", "whole"]]))).toHaveLength(2);
  });

  it("have numbers without signs, zeros in front and letters", () => {
    for (const name of ["app.01", "app.-1", "app.x", "app.", "app.1.0", "other.0"])
      expect(wholeName(name, WHOLE), name).toBe(name);
    expect(wholeName("app.12", WHOLE)).toBe("app");
    expect(namesInBrowser({ cookieNames: ["app"] })).toEqual(["app"]);
    expect(namesInBrowser({ cookieNames: ["app"], chunked: "whole" })).toContain("app.4");
  });
});

describe("a joined cookie is cut for the browser", () => {
  const [whole] = joinCookies([chunk(0, "abcd"), chunk(1, "ef")], WHOLE);
  const cut = (changes: Parameters<typeof cookie>[0]) =>
    splitWhole({ ...cookie(), ...whole, ...changes }).map(({ name, value }) => `${name}=${value}`);

  it("where it was cut before if its value stays", () => {
    expect(cut({})).toEqual(["app.0=abcd", "app.1=ef"]);
  });

  it("at the length of its longest chunk if its value is another", () => {
    expect(cut({ value: "ABCDEFGHI" })).toEqual(["app.0=ABCD", "app.1=EFGH", "app.2=I"]);
    expect(cut({ value: "AB" })).toEqual(["app.0=AB"]);
  });

  it("into few parts even if the one before was short: a browser evicts others for a hundred cookies", () => {
    const [short] = joinCookies([chunk(0, "x")], WHOLE);
    const parts = splitWhole({ ...cookie(), ...short, value: "y".repeat(4000) });
    expect(parts.map(({ name, value }) => [name, value.length])).toEqual([
      ["app.0", 3000],
      ["app.1", 1000],
    ]);
  });

  it("under the names of its parts, wherever they begin and whatever is missing between them", () => {
    const names = (value: string, ...held: ReturnType<typeof cookie>[]) => {
      const [joined] = joinCookies(held, ALL);
      return splitWhole({ ...cookie(), ...joined, value }).map((part) => `${part.name}=${part.value}`);
    };
    const app = cookie({ id: "w", name: "app", value: "w" });
    expect(names("wa", app, chunk(0, "a"))).toEqual(["app=w", "app.0=a"]);
    expect(names("xyz", app, chunk(0, "a"))).toEqual(["app=x", "app.0=y", "app.1=z"]);
    expect(names("x", app, chunk(0, "a"))).toEqual(["app=x"]);
    expect(names("xyz", chunk(0, "a"), chunk(2, "c"))).toEqual(["app.0=x", "app.2=y", "app.3=z"]);
  });

  it("under its new name, if it was renamed", () => {
    expect(cut({ name: "other" })).toEqual(["other.0=abcd", "other.1=ef"]);
  });

  it("with its own expiry and flags", () => {
    const parts = splitWhole({ ...cookie(), ...whole, expiresAt: AT, secure: true });
    expect(parts.map(({ expiresAt, secure, chunks }) => [expiresAt, secure, chunks])).toEqual([
      [AT, true, undefined],
      [AT, true, undefined],
    ]);
  });
});

describe("a response that sets chunks", () => {
  const GONE = "; Path=/; Max-Age=0";
  const readAs = (names: SplitNames, ...setCookies: string[]) => {
    const joined = joinSetCookies(request({ setCookies }), names);
    return [valuesSet(joined, ["app"]), joined.setCookies.filter((line) => line.startsWith("app="))];
  };
  const read = (...setCookies: string[]) => readAs(WHOLE, ...setCookies);

  it("sets the whole cookie with the first chunk's attributes", () => {
    expect(read("app.1=b; Path=/", "app.0=a; Path=/; Max-Age=60", "x=1")).toEqual([
      ["ab"],
      ["app=ab; Path=/; Max-Age=60"],
    ]);
  });

  it("sets only what it sets: a longer value's last chunk is deleted", () => {
    expect(read("app.0=a", "app.1=b", `app.2=${GONE}`)[0]).toEqual(["ab"]);
  });

  it("counts a chunk that is set twice once, with its last value", () => {
    expect(read("app.0=a", "app.0=A")[0]).toEqual(["A"]);
  });

  it("goes from one cookie to chunks, and back", () => {
    expect(read(`app=${GONE}`, "app.0=a", "app.1=b")[0]).toEqual(["ab"]);
    expect(read("app=all; Path=/", `app.0=${GONE}`, `app.1=${GONE}`)).toEqual([["all"], ["app=all; Path=/"]]);
  });

  it("deletes the whole cookie if it deletes its chunks", () => {
    expect(read(`app.0=${GONE}`, `app.1=${GONE}`)).toEqual([[], [`app=${GONE}`]]);
  });

  it("says nothing about the whole if it sets a chunk without the first", () => {
    expect(read("app.1=b")).toEqual([[], []]);
  });

  it("sets both next to each other for a library that joins all, and one of them if it deletes the other", () => {
    expect(readAs(ALL, "app.0=a; Path=/", "app=w; Path=/x")).toEqual([["wa"], ["app=wa; Path=/x"]]);
    expect(readAs(WHOLE, "app.0=a; Path=/", "app=w; Path=/x")).toEqual([["w"], ["app=w; Path=/x"]]);
    expect(readAs(ALL, `app=${GONE}`, "app.0=a", "app.1=b")).toEqual([["ab"], ["app=ab"]]);
    expect(readAs(ALL, "app=w", `app.0=${GONE}`)).toEqual([["w"], ["app=w"]]);
    expect(readAs(ALL, `app=${GONE}`, `app.0=${GONE}`)).toEqual([[], [`app=${GONE}`]]);
    expect(readAs(ALL, "app.1=b")).toEqual([[], []]);
  });

  it("is the same request if it sets no chunk", () => {
    const other = request({ setCookies: ["app=1", "appendix.0=1"] });
    expect(joinSetCookies(other, WHOLE)).toBe(other);
  });
});
