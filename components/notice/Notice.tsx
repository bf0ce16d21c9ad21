/** An empty place that says why it is empty: a title, one sentence, and at most one button. */
import "./notice.css";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useFocusLeft } from "../common/use-focus.ts";

interface NoticeProps {
  title: string;
  sentence: string;
  /** Text of the button; absent if there is nothing to do. */
  button?: string | undefined;
  onButton?: (() => void) | undefined;
  /** Something to show below the sentence, such as a line of code. */
  children?: ComponentChildren;
}

/** The place, as a group that its title names. */
export function Notice({ title, sentence, button, onButton, children }: NoticeProps) {
  const notice = useRef<HTMLDivElement>(null);
  useFocusLeft(() => notice.current);
  return (
    <div class="notice" role="group" aria-label={title} ref={notice}>
      <h2 class="notice-title">{title}</h2>
      <p class="notice-sentence">{sentence}</p>
      {children}
      {button !== undefined && onButton !== undefined && (
        <button type="button" class="button" onClick={onButton}>
          {button}
        </button>
      )}
    </div>
  );
}
