/** How many bits each character of a token may count for. Found by the mutation run: whole tokens hide a wrong alphabet. */
import { expect, it } from "vitest";
import { bitsEach, estimateBits } from "../../../server-bridge/src/bridge/guard/token-strength.ts";

it.each([
  ["0123456789", 10],
  ["0123456789abcdef", 16],
  ["0123456789ABCDEF", 16],
  ["ghijkl", 26],
  ["GHIJKL", 26],
  ["ghijkl1", 32],
  ["GHIJKL1", 32],
  ["ghijkL", 64],
  ["ghijkl-1", 64],
])("%s is drawn from %d characters", (text, alphabet) => {
  expect(bitsEach(text)).toBeCloseTo(Math.log2(alphabet), 10);
});

/** One of each line of the list: a line that is lost would make tokens of its words strong. */
const WORDS = "amet beef february express hidden machine password replace shadow team users your app".split(
  " ",
);

it.each(WORDS)("the word %s counts for less than its characters", (word) => {
  expect(estimateBits(word)).toBeLessThan(word.length * bitsEach(word));
});

it.each(["qzxwvk", "kvwxzq"])(
  "what occurred before costs what a repetition costs, not its characters: %s",
  (second) => {
    const once = estimateBits("qzxwvk");
    expect(estimateBits(`qzxwvk${second}`)).toBeCloseTo(once + 12, 10);
  },
);

it.each([
  ["", 0],
  ["q", Math.log2(26)],
  ["q-z-", 6 + 6 + 6 + 3], // the second `-` is a separator
  ["q-z_", 6 * 4],
])("%j has %d bits", (text, bits) => {
  expect(estimateBits(text)).toBeCloseTo(bits, 10);
});
