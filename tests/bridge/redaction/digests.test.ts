/** One-way ids: the same for the same key, whatever was requested in between. */
import { expect, it } from "vitest";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";

it("a key's id does not depend on earlier ones, and differs for another key or secret", () => {
  const digests = createDigests("a secret");
  const keys = Array.from({ length: 10_000 }, (_, at) => `${at}`.padStart(32, "k"));
  keys.push("x".repeat(4000), `${"x".repeat(3999)}y`);
  const first = keys.map(digests.keyId);
  expect(new Set(first).size).toBe(keys.length);
  expect(keys.toReversed().map(digests.keyId).toReversed()).toEqual(first);
  expect(keys.map(createDigests("a secret").keyId)).toEqual(first);
  expect(createDigests("another").keyId(keys[0] ?? "")).not.toBe(first[0]);
  for (const [at, key] of keys.entries()) expect(first[at]).not.toContain(key);
});
