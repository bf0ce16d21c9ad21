/** The challenge by which a bridge proves that it made a trace: its form, and nothing else. */
import { proofText, readChallenge, writeChallenge } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";

const digest = `${"d-_9".repeat(10)}ABC`;
const nonce = `${"n-_9".repeat(5)}AB`;

describe("a challenge", () => {
  it("is read as it was written", () => {
    expect(writeChallenge({ digest, nonce })).toBe(`${digest}.${nonce}`);
    expect(readChallenge(writeChallenge({ digest, nonce }))).toEqual({ digest, nonce });
  });

  it("in any other form is none", () => {
    for (const value of [
      "",
      ".",
      digest,
      `${digest}.`,
      `.${nonce}`,
      `${digest}${nonce}`,
      `${digest}. ${nonce}`,
      ` ${digest}.${nonce}`,
      `${digest}.${nonce}\n`,
      `${digest}.${nonce}=`,
      `${digest}.${nonce}.${nonce}`,
      `${digest}.${nonce}, ${digest}.${nonce}`,
      `${digest}A.${nonce}`,
      `${digest.slice(1)}.${nonce}`,
      `${digest}.${nonce}A`,
      `${digest}.${nonce.slice(1)}`,
      `${digest.slice(1)}+.${nonce}`,
      `${digest}.${nonce.slice(1)}/`,
      `${digest.slice(1)}\u00e9.${nonce}`,
      `${nonce}.${digest}`,
      `${digest}.${nonce}`.repeat(1_000),
    ]) {
      expect(readChallenge(value), JSON.stringify(value.slice(0, 120))).toBeNull();
    }
  });

  it("is answered for this purpose only: what is signed names it, and a nonce cannot imitate another", () => {
    expect(proofText(nonce)).toBe(`session-bridge proof 1\0${nonce}`);
    expect(proofText(nonce)).not.toBe(nonce);
    expect(new Set(["a", "b", "a\0b", ""].map(proofText)).size).toBe(4);
  });
});
