/** The panel's only polite voice: short sentences for screen readers, the latest one only. */
import { createModel, signal } from "@preact/signals";

/** What is announced now. If the same sentence comes twice, it is made to differ, or it would only be announced once. */
export const AnnouncerModel = createModel(() => {
  const message = signal("");
  return {
    message,
    say(sentence: string) {
      message.value = message.peek() === sentence ? `${sentence}\u00a0` : sentence;
    },
  };
});
