/** The size of a pane next to a draggable line: stored in CSS variables, and measured again whenever the panel changes. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** The direction in which the pane is sized. */
type Axis = "x" | "y";

/** The fewest pixels that a pane keeps. */
export const LEAST = 80;

/** Which pane is sized, and how. */
export interface PaneSizeOptions {
  /** Carries the CSS variables that size the panes. */
  target: RefObject<HTMLElement | null>;
  /** Selector of the pane that is sized. */
  pane: string;
  /** Sizes in pixels by axis; undefined is the arrangement's default. */
  sizes: Record<Axis, number | undefined>;
  variables: { x: string; y: string | null };
  /** Null: back to the default. */
  onResize: (axis: Axis, size: number | null) => void;
}

/** Measures the pane, and sizes it between `LEAST` and what leaves room for the others. */
export function usePaneSize({ target, pane, sizes, variables, onResize }: PaneSizeOptions) {
  const line = useRef<HTMLDivElement>(null);
  const [axis, setAxis] = useState<Axis>("x");
  const [size, setSize] = useState({ now: 0, max: 0 });

  useLayoutEffect(() => {
    const style = target.current?.style;
    if (style === undefined) return;
    setVariable(style, variables.x, sizes.x);
    if (variables.y !== null) setVariable(style, variables.y, sizes.y);
  }, [sizes.x, sizes.y]);
  useLayoutEffect(() => {
    const app = target.current;
    if (app === null || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => {
      const box = line.current?.getBoundingClientRect();
      if (box !== undefined && box.width + box.height > 0) setAxis(box.width > box.height ? "y" : "x");
      setSize({ now: measure(), max: room() });
    });
    observer.observe(app);
    return () => observer.disconnect();
  }, []);

  const measure = (): number => Math.round(along(line.current, target.current?.querySelector(pane)) ?? 0);
  const room = (): number => Math.max(LEAST, (along(line.current, target.current) ?? 0) - 2 * LEAST);
  const resize = (to: number): void => {
    const next = Math.round(Math.min(room(), Math.max(LEAST, to)));
    setSize({ now: next, max: room() });
    onResize(axisOf(line.current), next);
  };
  return { line, axis, size, measure, room, resize, reset: () => onResize(axis, null) };
}

/** The result of `usePaneSize`. */
export type PaneSize = ReturnType<typeof usePaneSize>;

/** Length of an element across the line. */
function along(line: HTMLElement | null, element: Element | null | undefined): number | undefined {
  const box = element?.getBoundingClientRect();
  return axisOf(line) === "x" ? box?.width : box?.height;
}

function axisOf(line: HTMLElement | null): Axis {
  const box = line?.getBoundingClientRect();
  return box !== undefined && box.width > box.height ? "y" : "x";
}

function setVariable(style: CSSStyleDeclaration, name: string, size: number | undefined): void {
  if (size === undefined) style.removeProperty(name);
  else style.setProperty(name, `${size}px`);
}
