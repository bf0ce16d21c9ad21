/** How wide the pinned columns are: as their longest text of those that were drawn, within bounds. */
import { useReducer, useRef } from "preact/hooks";
import type { Pinned } from "../../extension/logic/timeline/pins.ts";

/** In pixels, rounded up, because fonts differ: a character of a head, one of a value, and what is around both. */
const HEAD = 8;
const VALUE = 7;
const AROUND = 10;

const LEAST = 60;
const MOST = 140;

interface PinWidths {
  /** Their tracks in the grid, as CSS writes them. */
  tracks: string;
  /** Makes room for the values of a row. A column never becomes narrower again: it would move while it is read. */
  fit(cells: readonly Pinned[] | undefined): void;
}

/** The widths of these columns. */
export function usePinWidths(pins: readonly string[]): PinWidths {
  const widths = useRef(new Map<string, number>());
  const [, drawAgain] = useReducer((count: number, _: "grown") => count + 1, 0);
  const widthOf = (pin: string): number =>
    widths.current.get(pin) ?? within(Math.ceil(pin.length * HEAD) + AROUND);
  const all = pins.reduce((sum, pin) => sum + widthOf(pin), 0);
  return {
    tracks: pins.map((pin) => trackOf(widthOf(pin), widthOf(pin) / all)).join(" "),
    fit(cells) {
      for (const [at, pin] of pins.entries()) {
        const width = within((cells?.[at]?.text?.length ?? 0) * VALUE + AROUND);
        if (width <= widthOf(pin)) continue;
        widths.current.set(pin, width);
        drawAgain("grown");
      }
    },
  };
}

function within(width: number): number {
  return Math.min(MOST, Math.max(LEAST, width));
}

/** Many columns share the room that the others leave. */
function trackOf(width: number, share: number): string {
  return `minmax(max(var(--pin), min(${width}px, (100% - var(--others)) * ${share.toFixed(3)})), 0.5fr)`;
}
