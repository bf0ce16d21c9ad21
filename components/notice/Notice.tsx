/** An empty place that says why it is empty: a title, one sentence, and at most one button. */
import "./notice.css";
import type { ComponentChildren } from "preact";

interface NoticeProps {
  title: string;
  sentence: string;
  /** Text of the button; absent: there is nothing to do. */
  button?: string | undefined;
  onButton?: (() => void) | undefined;
  /** Something to see beneath the sentence, such as a line of code. */
  children?: ComponentChildren;
}

export function Notice({ title, sentence, button, onButton, children }: NoticeProps) {
  return (
    <div class="notice" role="group" aria-label={title}>
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

interface TroubleProps {
  text: ComponentChildren;
  button?: string | undefined;
  onButton?: (() => void) | undefined;
}

/** Trouble in one line above contents that stay. */
export function Trouble({ text, button, onButton }: TroubleProps) {
  return (
    <section class="trouble" aria-label="Connection">
      <span class="trouble-text">{text}</span>
      {button !== undefined && onButton !== undefined && (
        <button type="button" class="trouble-button" onClick={onButton}>
          {button}
        </button>
      )}
    </section>
  );
}
