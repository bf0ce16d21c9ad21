/** Where the focus goes when a form opens and when it closes, so that it never leaves the panel. */
import { useLayoutEffect, useRef } from "preact/hooks";

type Place = () => HTMLElement | null | undefined;

/** A form that opens takes the focus, but not if it comes back because another request or view is being chosen. */
export function useFocusFirst(present: boolean, place: Place): void {
  useLayoutEffect(() => {
    if (present && !document.activeElement?.closest("[role=grid], [role=tablist]")) place()?.focus();
  }, [present]);
}

/** Focuses `place` if what was `present` is gone and nothing else has taken the focus. */
export function useFocusBack(present: boolean, place: Place): void {
  const was = useRef(false);
  useLayoutEffect(() => {
    if (was.current && !present && document.activeElement === document.body)
      place()?.focus({ preventScroll: true });
    was.current = present;
  }, [present]);
}

/**
 * Moves the focus to `place` when `holder`, with the focus inside, leaves the document. It does so before it leaves: afterwards
 * no one can tell that it had the focus, and a panel that never had the focus must not take it from the page.
 */
export function useFocusLeft(holder: Place, place: Place = chosenTab): void {
  const places = useRef({ holder, place });
  places.current = { holder, place };
  useLayoutEffect(
    () => () => {
      const { holder, place } = places.current;
      const hasFocus = (): boolean => holder()?.contains(document.activeElement) === true;
      if (hasFocus()) place()?.focus({ preventScroll: true });
      // The place may be gone too, or hidden by now.
      if (hasFocus()) chosenTab()?.focus({ preventScroll: true });
    },
    [],
  );
}

/**
 * Moves the focus to the next row when the row that had it is gone: calls `restore` after `id` changed, if the focus was inside
 * and has left the document.
 *
 * @returns what the holder calls when the focus enters and leaves
 */
export function useFocusKept(
  id: string | null | undefined,
  restore: () => void,
): (event: FocusEvent) => void {
  const hadFocus = useRef(false);
  useLayoutEffect(() => {
    if (hadFocus.current && document.activeElement === document.body) restore();
  }, [id]);
  return (event) => {
    hadFocus.current = event.type === "focusin" || event.relatedTarget === null;
  };
}

/** The chosen tab of the session pane: it is always there. */
function chosenTab(): HTMLElement | null {
  return document.querySelector<HTMLElement>('[role=tab][aria-selected="true"]');
}
