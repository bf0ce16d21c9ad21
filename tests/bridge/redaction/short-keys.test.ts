/** A session key as people may see it: one rule for what the bridge sends to a panel and for what the library logs. */
import { describe, expect, it } from "vitest";
import { toState } from "../../../server-bridge/src/bridge/calls/reads.ts";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { shortenKey } from "../../../server-bridge/src/core/session/key.ts";

/** Keys of other stores may be short: showing four characters of these would be too much. */
const CASES: [key: string, shown: string][] = [
  ["", "…"],
  ["abc", "…"],
  ["abcdefgh", "…"],
  ["abcdefghijklmno", "…"],
  ["abcdefghijklmnop", "abcd…mnop"],
  ["k3v9abcdefghijklmnopqrstuvwxx0q2", "k3v9…x0q2"],
];

const digests = createDigests("a secret");

function showToPanel(key: string): string {
  const stored = { json: "{}", stored: "e30", expiresAtMs: null, atBrowserClose: false, ageSeconds: 0 };
  return toState({ key, ...stored }, digests).key;
}

describe.each([
  ["what a panel is told", showToPanel],
  ["what the log says", shortenKey],
])("of a key, %s", (_, show) => {
  it.each(CASES)("is for %j: %s", (key, shown) => {
    expect(show(key)).toBe(shown);
  });
});
