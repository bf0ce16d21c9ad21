/** The focus never falls out of the panel: where a form goes and takes it along, another place gets it. */
import { useLayoutEffect, useRef } from "preact/hooks";

/** Focuses `place` when what was `present` is gone and nothing else has taken the focus. */
export function useFocusBack(present: boolean, place: () => HTMLElement | null | undefined): void {
  const was = useRef(false);
  useLayoutEffect(() => {
    if (was.current && !present && document.activeElement === document.body)
      place()?.focus({ preventScroll: true });
    was.current = present;
  }, [present]);
}
