/** Sessions written by Python, whose JSON has numbers that standard JSON does not. */
import { describe, expect, it } from "vitest";
import { decodeCookie } from "../../../../extension/logic/decoders/decode.ts";

const SIGNATURE = "A".repeat(27);
const base64 = (text: string) => Buffer.from(text).toString("base64url");
const decode = (value: string) => decodeCookie({ name: "session", value, siblings: [] });

describe.each(["NaN", "Infinity", "-Infinity"])("a session that holds %s", (number) => {
  it.each([
    ["Flask", `{"rate":${number}}`, (json: string) => `${base64(json)}.arE7gA.${SIGNATURE}`],
    [
      "Starlette",
      `{"rate": ${number}, "a": 1}`,
      (json: string) => `${Buffer.from(json).toString("base64")}.arE7gA.${SIGNATURE}`,
    ],
    ["Django signed cookies", `{"rate":${number}}`, (json: string) => `${base64(json)}:1xVHTU:${SIGNATURE}`],
  ])("is decoded as %s wrote it", async (format, json, toValue) => {
    expect(await decode(toValue(json))).toMatchObject({ format, json });
  });
});

describe("text that only looks like such a number", () => {
  it.each(['{"rate":nan}', '{"rate":NaN1}', '{"rate":-NaN}', "NaN"])("is not a session: %s", async (json) => {
    expect((await decode(`${base64(json)}.arE7gA.${SIGNATURE}`))?.json ?? null).toBeNull();
  });
});
