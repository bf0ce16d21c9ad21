/** A line between two panes: dragged with the pointer, moved with the arrow keys, reset with a double click. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { swallow } from "./list-keys.ts";

export type Axis = "x" | "y";

interface SplitProps {
  class: string;
  label: string;
  /** Carries the CSS variables that size the panes. */
  target: RefObject<HTMLElement | null>;
  /** Selector of the pane that is sized. */
  pane: string;
  /** True when the pane lies after the line. */
  end: boolean;
  /** Sizes in pixels by axis; undefined is the arrangement's default. */
  sizes: Record<Axis, number | undefined>;
  variables: { x: string; y: string | null };
  onResize: (axis: Axis, size: number | null) => void;
}

const STEP = 16;
const LEAST = 80;

export function Split(props: SplitProps) {
  const { target, sizes, variables } = props;
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

  const measure = (): number => {
    const box = target.current?.querySelector(props.pane)?.getBoundingClientRect();
    return Math.round((axisOf(line.current) === "x" ? box?.width : box?.height) ?? 0);
  };
  const room = (): number => {
    const box = target.current?.getBoundingClientRect();
    return Math.max(LEAST, ((axisOf(line.current) === "x" ? box?.width : box?.height) ?? 0) - 2 * LEAST);
  };
  const resize = (to: number): void => {
    const size = Math.round(Math.min(room(), Math.max(LEAST, to)));
    setSize({ now: size, max: room() });
    props.onResize(axisOf(line.current), size);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const grow = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (grow !== undefined) resize(measure() + grow * STEP * (props.end ? -1 : 1));
    else if (event.key === "Home") resize(LEAST);
    else if (event.key === "End") resize(room());
    else if (event.key === "Enter") props.onResize(axis, null);
    else return;
    swallow(event);
  };
  const onPointerDown = (event: PointerEvent): void => {
    const start = axis === "x" ? event.clientX : event.clientY;
    const size = measure();
    const element = line.current;
    element?.setPointerCapture(event.pointerId);
    const onMove = (move: PointerEvent): void => {
      const moved = (axis === "x" ? move.clientX : move.clientY) - start;
      resize(size + moved * (props.end ? -1 : 1));
    };
    element?.addEventListener("pointermove", onMove);
    element?.addEventListener(
      "lostpointercapture",
      () => element.removeEventListener("pointermove", onMove),
      {
        once: true,
      },
    );
  };

  return (
    <div
      class={`split ${props.class}`}
      role="separator"
      aria-label={props.label}
      aria-orientation={axis === "x" ? "vertical" : "horizontal"}
      aria-valuenow={size.now}
      aria-valuemin={LEAST}
      aria-valuemax={Math.round(size.max)}
      tabIndex={0}
      ref={line}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onDblClick={() => props.onResize(axis, null)}
    />
  );
}

function axisOf(line: HTMLElement | null): Axis {
  const box = line?.getBoundingClientRect();
  return box !== undefined && box.width > box.height ? "y" : "x";
}

function setVariable(style: CSSStyleDeclaration, name: string, size: number | undefined): void {
  if (size === undefined) style.removeProperty(name);
  else style.setProperty(name, `${size}px`);
}
