/** Medians and spreads of samples; ratios are computed within one pass, in which both sides had the same conditions. */

/** The middle, and the lowest and highest of the samples. */
export interface Spread {
  middle: number;
  low: number;
  high: number;
}

export function toSpread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  const lower = sorted[sorted.length % 2 === 0 ? half - 1 : half] ?? Number.NaN;
  return { middle: (upper + lower) / 2, low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN };
}

/** `a / b` for each pass. */
export function toRatios(a: readonly number[], b: readonly number[]): Spread {
  return toSpread(a.map((value, pass) => value / (b[pass] ?? Number.NaN)));
}

/** `1.02 (0.98–1.05)`: the median, and the lowest and highest pass. */
export function toText({ middle, low, high }: Spread, digits = 2): string {
  return `${middle.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}
