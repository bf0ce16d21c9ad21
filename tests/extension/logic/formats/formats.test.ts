/** Cookies are exported and imported in every format without losing anything that the format can carry. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORMATS, recogniseFormat } from "../../../../extension/logic/formats/formats.ts";
import { parseHeader, toHeader } from "../../../../extension/logic/formats/header.ts";
import { parseJson, toJson } from "../../../../extension/logic/formats/json.ts";
import { parseNetscape, toNetscape } from "../../../../extension/logic/formats/netscape.ts";
import type { PortableCookie } from "../../../../extension/logic/formats/portable.ts";
import { parseStorageState, toStorageState } from "../../../../extension/logic/formats/storage-state.ts";
import { finish } from "../finish.ts";

const text = fc.string({
  unit: fc.constantFrom(...'abcXYZ019-_=:."%#\t éü漢{}[],'.split("")),
  maxLength: 24,
});
const host = fc.constantFrom("localhost", "app.test", "www.app.test", "127.0.0.1");
const partition = fc.option(
  fc.record(
    { topLevelSite: fc.constant("https://top.test"), hasCrossSiteAncestor: fc.boolean() },
    { requiredKeys: ["topLevelSite"] },
  ),
);
const cookie: fc.Arbitrary<PortableCookie> = fc
  .record({
    name: text,
    value: text,
    host,
    hostOnly: fc.boolean(),
    path: fc.constantFrom("/", "/deep/path", "/with\ttab"),
    secure: fc.boolean(),
    httpOnly: fc.boolean(),
    sameSite: fc.constantFrom(
      "unspecified" as const,
      "lax" as const,
      "strict" as const,
      "no_restriction" as const,
    ),
    expiresAt: fc.option(
      fc.oneof(
        fc.constant(0),
        fc.integer({ min: 1, max: 4e9 }).map((s) => s * 1000),
        fc.integer({ min: 1, max: 4e12 }),
      ),
    ),
    partitionKey: partition,
  })
  .map(({ host: at, ...rest }) => ({ ...rest, domain: rest.hostOnly ? at : `.${at}` }));
const cookies = fc.array(cookie, { maxLength: 6 });

describe("every format that has a place for all fields", () => {
  const whole = [
    { title: "JSON", there: toJson, back: parseJson },
    { title: "Netscape cookies.txt", there: toNetscape, back: parseNetscape },
    { title: "Playwright storageState", there: toStorageState, back: parseStorageState },
  ];
  it.each(whole)("gives $title back deep-equal", ({ there, back }) => {
    fc.assert(
      fc.property(cookies, (list) => {
        expect(finish(back(there(list)))).toEqual({ cookies: list, problems: [] });
      }),
      { numRuns: 500 },
    );
  });
});

describe("the Cookie header", () => {
  it("gives names and values back in their order", () => {
    const plain = fc.string({
      unit: fc.constantFrom(...'abcXYZ019-_:."%#é漢'.split("")),
      minLength: 1,
      maxLength: 12,
    });
    const pair = fc.record({ name: plain, value: fc.oneof(plain, fc.constant(""), fc.constant("YWJj==")) });
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 6 }), (pairs) => {
        const { cookies: back } = finish(parseHeader(toHeader(pairs), "localhost"));
        expect(back.map(({ name, value }) => ({ name, value }))).toEqual(pairs);
      }),
    );
  });

  it("does not mistake the attributes of a Set-Cookie line for cookies", () => {
    const { cookies, problems } = finish(
      parseHeader("Set-Cookie: sessionid=abc; Path=/; HttpOnly", "localhost"),
    );
    expect(cookies).toEqual([]);
    expect(problems).toEqual([expect.stringContaining("Set-Cookie")]);
  });

  it("reports when there is no cookie in the text", () => {
    expect(finish(parseHeader(" ; ", "localhost")).problems).toHaveLength(1);
  });
});

describe("foreign texts", () => {
  it("reads curl's cookie file with HttpOnly rows, comments and values that contain a tab", () => {
    const file =
      "# Netscape HTTP Cookie File\n\n#HttpOnly_localhost\tFALSE\t/\tFALSE\t0\tsessionid\tabc\tdef\r\n.app.test\tTRUE\t/\tTRUE\t1800000000\tid\tx=y\n";
    const { cookies: found, problems } = finish(parseNetscape(file));
    expect(problems).toEqual([]);
    expect(found).toMatchObject([
      { name: "sessionid", value: "abc\tdef", httpOnly: true, hostOnly: true, expiresAt: null },
      {
        name: "id",
        value: "x=y",
        domain: ".app.test",
        hostOnly: false,
        secure: true,
        expiresAt: 1_800_000_000_000,
      },
    ]);
  });

  it("names the line of an invalid row", () => {
    expect(finish(parseNetscape("not a row")).problems).toEqual([
      "Line 1: a row needs seven fields, separated by tabs.",
    ]);
  });

  it("never throws for any pasted text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom(...FORMATS), (pasted, format) => {
        expect(finish(format.read(pasted, "localhost")).cookies).toBeInstanceOf(Array);
      }),
    );
  });

  it("is recognised by its first characters", () => {
    fc.assert(
      fc.property(fc.array(cookie, { minLength: 1, maxLength: 3 }), (list) => {
        for (const format of FORMATS.filter(({ name }) => name !== "header")) {
          expect(recogniseFormat(format.write(list))).toBe(format.name);
        }
      }),
    );
    expect(recogniseFormat("sessionid=abc; other=1")).toBe("header");
  });
});
