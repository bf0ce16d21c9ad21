/** The panel's keyboard shortcuts: filter, clear, record, undo. They never act while the user is typing. */
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import type { Models } from "../../../extension/models/index.ts";

/** Listens on the document for as long as the panel exists. */
export function useShortcuts(models: Models, filter: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      const act = actionOf(event, models, filter.current);
      if (act === null) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    };
    // Capturing: DevTools listens on the document too, and would act on some of these itself.
    document.addEventListener("keydown", onKeyDown, true);
    return () => document.removeEventListener("keydown", onKeyDown, true);
  }, [models]);
}

function actionOf(
  event: KeyboardEvent,
  models: Models,
  filter: HTMLInputElement | null,
): (() => void) | null {
  const key = event.key.toLowerCase();
  if (key === "f") {
    return () => {
      filter?.focus();
      filter?.select();
    };
  }
  if (isTyping(event.target)) return null;
  if (key === "l") return () => models.clear();
  if (key === "e") return () => models.record(!models.timeline.recording.peek());
  if (key === "z") return () => void models.undo.undo();
  return null;
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== "checkbox" && target.type !== "radio";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
