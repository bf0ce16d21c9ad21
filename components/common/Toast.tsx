/** One line at the bottom that says what was done and offers to undo it. */
import type { ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useFocusLeft } from "./use-focus.ts";

interface ToastProps {
  /** From the model: what was done last, and how to undo it. */
  undo: {
    offered: ReadonlySignal<{ text: string; undo: boolean } | null>;
    busy: ReadonlySignal<boolean>;
    undo(): Promise<void>;
    dismiss(): void;
  };
}

/** The line, for as long as something is offered. */
export function Toast({ undo }: ToastProps) {
  const offered = undo.offered.value;
  return offered === null ? null : <Line undo={undo} text={offered.text} canUndo={offered.undo} />;
}

function Line({ undo, text, canUndo }: ToastProps & { text: string; canUndo: boolean }) {
  const line = useRef<HTMLElement>(null);
  const dismiss = useRef<HTMLButtonElement>(null);
  /** Where the focus was before it came here. */
  const from = useRef<HTMLElement | null>(null);
  const onFocus = ({ relatedTarget }: FocusEvent): void => {
    const outside = relatedTarget instanceof HTMLElement && !line.current?.contains(relatedTarget);
    if (outside) from.current = relatedTarget;
  };
  useFocusLeft(
    () => line.current,
    () => (from.current?.isConnected ? from.current : null),
  );
  useLayoutEffect(() => {
    // Shown again for each text: the latest element of the top layer is above an open dialog.
    line.current?.showPopover?.();
    return () => line.current?.hidePopover?.();
  }, [text]);
  return (
    <section class="toast" popover="manual" aria-label="Last change" ref={line} onFocusIn={onFocus}>
      <span class="toast-text" title={text}>
        <bdi>{text}</bdi>
      </span>
      {canUndo && <UndoButton undo={undo} next={() => dismiss.current} />}
      <button type="button" class="toast-close" aria-label="Dismiss" ref={dismiss} onClick={undo.dismiss}>
        <span class="icon icon-close" aria-hidden="true" />
      </button>
    </section>
  );
}

interface UndoButtonProps extends ToastProps {
  /** Takes the focus if there is nothing more to undo. */
  next: () => HTMLElement | null;
}

function UndoButton({ undo, next }: UndoButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const busy = undo.busy.value;
  useFocusLeft(() => button.current, next);
  // Never disabled: it would lose the focus.
  return (
    <button
      type="button"
      class="toast-button"
      aria-disabled={busy}
      ref={button}
      onClick={() => !busy && undo.undo()}
    >
      Undo
    </button>
  );
}
