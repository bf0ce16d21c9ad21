/** Every text colour of the panel against every background it is used on, in both themes, read from the style sheets. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const SHEET = readFileSync(new URL("../../entrypoints/panel/panel.css", import.meta.url), "utf8");

/** Which text colours are used on which backgrounds. */
const PAIRS: readonly [ground: string, texts: readonly string[]][] = [
  ["surface", ["text", "text-dim", "accent", "good", "warn", "bad", "string", "number", "atom", "key"]],
  ["surface-bar", ["text", "text-dim", "accent", "bad"]],
  ["surface-stripe", ["text", "text-dim", "accent", "good", "warn", "bad"]],
  ["surface-raised", ["text", "text-dim", "accent", "bad"]],
  ["field", ["text", "text-dim"]],
  ["select", ["text", "text-dim", "accent", "bad", "string", "number", "atom", "key", "warn"]],
  ["select-idle", ["text", "text-dim", "bad", "string", "number", "atom", "key", "warn"]],
  ["hover-row", ["text", "text-dim", "bad", "string", "number", "atom", "key"]],
  ["good-bg", ["good", "text"]],
  ["warn-bg", ["warn", "text"]],
  ["bad-bg", ["bad", "text"]],
  ["accent", ["on-accent"]],
  ["accent-strong", ["on-accent"]],
  ["toast", ["on-toast", "toast-accent"]],
];

/** The token's light and dark colour, `#rrggbb` each. */
function halves(token: string): [light: string, dark: string] {
  const match = new RegExp(`--${token}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(SHEET);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Error(`panel.css has no opaque --${token}.`);
  return [match[1], match[2]];
}

/** Relative luminance, WCAG 2.2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

describe.each([
  ["light", 0],
  ["dark", 1],
] as const)("in the %s theme", (_, half) => {
  const pairs = PAIRS.flatMap(([ground, texts]) => texts.map((text) => [text, ground] as const));
  it.each(pairs)("%s on %s has a contrast of at least 4.5", (text, ground) => {
    expect(contrast(halves(text)[half], halves(ground)[half])).toBeGreaterThanOrEqual(4.5);
  });
});
