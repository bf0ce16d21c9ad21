/** One line at the bottom that says what was done and offers to undo it. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { useFocusLeft } from "./use-focus.ts";

interface ToastProps {
  text: string;
  undo: boolean;
  busy: boolean;
  onUndo: () => void;
  onClose: () => void;
}

export function Toast({ text, undo, busy, onUndo, onClose }: ToastProps) {
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
    // Shown anew for each text: the latest of the top layer lies above an open dialog.
    line.current?.showPopover?.();
    return () => line.current?.hidePopover?.();
  }, [text]);
  return (
    <section class="toast" popover="manual" aria-label="Last change" ref={line} onFocusIn={onFocus}>
      <span class="toast-text" title={text}>
        <bdi>{text}</bdi>
      </span>
      {undo && <UndoButton busy={busy} onUndo={onUndo} next={() => dismiss.current} />}
      <button type="button" class="toast-close" aria-label="Dismiss" ref={dismiss} onClick={onClose}>
        <span class="icon icon-close" aria-hidden="true" />
      </button>
    </section>
  );
}

interface UndoButtonProps {
  busy: boolean;
  onUndo: () => void;
  /** Takes the focus when there is nothing more to undo. */
  next: () => HTMLElement | null;
}

function UndoButton({ busy, onUndo, next }: UndoButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  useFocusLeft(() => button.current, next);
  // Never disabled: it would lose the focus.
  return (
    <button
      type="button"
      class="toast-button"
      aria-disabled={busy}
      ref={button}
      onClick={() => !busy && onUndo()}
    >
      Undo
    </button>
  );
}
