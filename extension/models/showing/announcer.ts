/** The one polite voice of the panel: short sentences for screen readers, the latest one only. */
import { createModel, signal } from "@preact/signals";

/** What is said now. The same sentence twice is made to differ, or it would be said once only. */
export const AnnouncerModel = createModel(() => {
  const message = signal("");
  return {
    message,
    say(sentence: string) {
      message.value = message.peek() === sentence ? `${sentence}\u00a0` : sentence;
    },
  };
});
