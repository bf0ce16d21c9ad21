/**
 * A long list of rows of one height, of which only the visible ones are in the document.
 *
 * The active row stays mounted wherever the list is scrolled, so the focus is never lost.
 */
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Range,
  Virtualizer,
  type VirtualizerOptions,
} from "@tanstack/virtual-core";
import type { ComponentChildren, HTMLAttributes } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface VirtualRowsProps<T> {
  rows: readonly T[];
  rowHeight: number;
  /** Equal for equal rows over time. */
  keyOf: (row: T) => string;
  /** `top` is the row's offset in pixels. */
  render: (row: T, index: number, top: number) => ComponentChildren;
  /** Index of the row with the tab stop, or -1: it stays in the document. */
  active: number;
  /** Index of the row that is scrolled to when it changes, or -1. */
  reveal: number;
  /** Keeps the last row in view while it grows. */
  follow?: boolean;
  /** Called after scrolling. */
  onScroll?: (atEnd: boolean) => void;
  /** The number of rows changed, and all of them are in view. */
  onAllInView?: () => void;
  /** Called with the number of rows that fit. */
  onPage?: (rows: number) => void;
  /** Height of `header`, which stays at the top. */
  headerHeight?: number;
  header?: ComponentChildren;
  /** Below the rows and outside `body`, so it may contain what a grid may not. */
  footer?: ComponentChildren;
  /** Attributes of the element that holds the rows. Default: a `rowgroup`. */
  body?: HTMLAttributes<HTMLDivElement>;
  class?: string;
}

/** Pixels from the end that still count as "at the end". */
const END_SLACK = 8;
const OVERSCAN = 8;

type Options = VirtualizerOptions<HTMLDivElement, HTMLDivElement>;

export function VirtualRows<T>(props: VirtualRowsProps<T>) {
  const { rows, rowHeight, keyOf, active, reveal, follow = false, headerHeight = 0 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [, repaint] = useState(0);
  const options: Options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => keyAt(rows, keyOf, index),
    overscan: OVERSCAN,
    rangeExtractor: (range) => withActive(range, active),
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    initialRect: { width: 400, height: 400 },
    onChange: () => repaint((count) => count + 1),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());

  useLayoutEffect(() => {
    const element = scroller.current;
    if (follow && element !== null) element.scrollTop = element.scrollHeight;
  }, [follow, rows.length, rows]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && element.scrollHeight <= element.clientHeight) props.onAllInView?.();
  }, [rows.length]);
  const revealKey = reveal === -1 ? null : keyAt(rows, keyOf, reveal);
  const first = useRef(true);
  useEffect(() => {
    const element = scroller.current;
    if (!first.current && reveal !== -1 && element !== null)
      scrollToRow(element, reveal * rowHeight, rowHeight, headerHeight);
    first.current = false;
  }, [revealKey]);

  const onScroll = (event: Event): void => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget as HTMLDivElement; // our own element
    props.onPage?.(Math.floor((clientHeight - headerHeight) / rowHeight));
    props.onScroll?.(scrollHeight - scrollTop - clientHeight <= END_SLACK);
  };

  return (
    <div class={`virtual ${props.class ?? ""}`} ref={scroller} onScroll={onScroll}>
      {props.header}
      <div
        class="virtual-space"
        {...(props.body ?? { role: "rowgroup" })}
        style={{ height: `${virtualizer.getTotalSize()}px` }}
      >
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          return row === undefined ? null : props.render(row, index, start);
        })}
      </div>
      {props.footer}
    </div>
  );
}

/**
 * Scrolls as little as shows the whole row. The virtualizer would scroll to the end of the footer for the last row, also
 * when it is in view: away from the pointer, between the two clicks of a double click.
 */
function scrollToRow(element: HTMLElement, top: number, height: number, headerHeight: number): void {
  const lowest = top + height + headerHeight - element.clientHeight;
  if (element.scrollTop > top) element.scrollTop = top;
  else if (element.scrollTop < lowest) element.scrollTop = lowest;
}

function keyAt<T>(rows: readonly T[], keyOf: (row: T) => string, index: number): string {
  const row = rows[index];
  return row === undefined ? String(index) : keyOf(row);
}

function withActive(range: Range, active: number): number[] {
  const shown = defaultRangeExtractor(range);
  if (active < 0 || active >= range.count) return shown;
  const [first = 0] = shown;
  if (active < first) return [active, ...shown];
  return active > (shown.at(-1) ?? -1) ? [...shown, active] : shown;
}
