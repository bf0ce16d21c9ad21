/** A secret's value in a quoted string reaches to the closing quotation mark, and no earlier one. */
import { describe, expect, it } from "vitest";
import { findSecrets } from "../../../server-bridge/src/protocol/secrets/index.ts";

describe("a secret in quotation marks", () => {
  it("continues after an escaped one", () => {
    const text = String.raw`{"password":"ab\"hunter2","n":1}`;
    expect(findSecrets(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      String.raw`ab\"hunter2`,
    ]);
  });
});
