/** A line between two panes: dragged with the pointer, moved with the arrow keys, reset with a double click. */
import { swallow } from "./list-keys.ts";
import { LEAST, type PaneSize, type PaneSizeOptions, usePaneSize } from "./use-pane-size.ts";

interface SplitProps extends PaneSizeOptions {
  class: string;
  label: string;
  /** True when the pane comes after the line. */
  end: boolean;
}

const STEP = 16;

/** The line, a separator that can be focused. */
export function Split(props: SplitProps) {
  const pane = usePaneSize(props);
  const { line, axis, size } = pane;
  const sign = props.end ? -1 : 1;
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
      onKeyDown={(event) => moveByKey(event, pane, sign)}
      onPointerDown={(event) => drag(event, pane, sign)}
      onDblClick={pane.reset}
    />
  );
}

function moveByKey(event: KeyboardEvent, { measure, room, resize, reset }: PaneSize, sign: number): void {
  const grow = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (grow !== undefined) resize(measure() + grow * STEP * sign);
  else if (event.key === "Home") resize(LEAST);
  else if (event.key === "End") resize(room());
  else if (event.key === "Enter") reset();
  else return;
  swallow(event);
}

/** Follows the pointer until it is released. */
function drag(event: PointerEvent, { line, axis, measure, resize }: PaneSize, sign: number): void {
  const start = axis === "x" ? event.clientX : event.clientY;
  const size = measure();
  const element = line.current;
  element?.setPointerCapture(event.pointerId);
  const onMove = (move: PointerEvent): void => {
    const moved = (axis === "x" ? move.clientX : move.clientY) - start;
    resize(size + moved * sign);
  };
  element?.addEventListener("pointermove", onMove);
  element?.addEventListener("lostpointercapture", () => element.removeEventListener("pointermove", onMove), {
    once: true,
  });
}
