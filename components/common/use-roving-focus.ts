/** One tab stop for a group of controls; left and right move among them. Used by toolbars. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import { swallow } from "./list-keys.ts";

const CONTROLS = "button, input, select, a[href]";

/** Makes the controls inside `container` one tab stop: the one that last had the focus. */
export function useRovingFocus(container: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = container.current;
    if (element === null) return;
    settle(element, null);
    const onFocus = (event: FocusEvent): void => {
      if (event.target instanceof HTMLElement) settle(element, event.target);
    };
    const onKey = (event: KeyboardEvent): void => move(element, event);
    element.addEventListener("focusin", onFocus);
    element.addEventListener("keydown", onKey);
    return () => {
      element.removeEventListener("focusin", onFocus);
      element.removeEventListener("keydown", onKey);
    };
  });
}

function controlsOf(element: HTMLElement): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(CONTROLS)].filter(
    (control) => control.closest("[popover], dialog") === null && control.getClientRects().length > 0,
  );
}

function settle(element: HTMLElement, wanted: HTMLElement | null): void {
  const controls = controlsOf(element);
  const present = controls.find((control) => control.tabIndex === 0 && control.dataset["stop"] === "");
  const stop = controls.find((control) => control === wanted) ?? present ?? controls[0];
  for (const control of controls) {
    control.tabIndex = control === stop ? 0 : -1;
    if (control === stop) control.dataset["stop"] = "";
    else delete control.dataset["stop"];
  }
}

function move(element: HTMLElement, event: KeyboardEvent): void {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (step === undefined || !(target instanceof HTMLElement) || !leaves(target, step)) return;
  const controls = controlsOf(element);
  const index = controls.indexOf(target);
  const next = controls[index + step];
  if (index === -1 || next === undefined) return;
  swallow(event);
  next.focus();
}

/** In a text field the arrows move the caret until it reaches the edge. */
function leaves(target: HTMLElement, step: number): boolean {
  if (!(target instanceof HTMLInputElement) || target.type === "checkbox")
    return !(target instanceof HTMLSelectElement);
  const edge = step > 0 ? target.value.length : 0;
  return target.selectionStart === edge && target.selectionEnd === edge;
}
