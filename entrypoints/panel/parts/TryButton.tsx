/** The button that opens the demo, and how the panel says what it does. */
import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";

interface DemoDoor {
  open: () => void;
  /** True once, after the demo was closed: the button takes the focus back. */
  takeReturn: () => boolean;
}

/** Null where there is no demo to open, as in the demo itself. */
export const DemoDoorContext = createContext<DemoDoor | null>(null);

/**
 * The button; nothing where there is no demo.
 *
 * @param isMain false where another button is the next step
 */
export function TryButton({ text, isMain }: { text: string; isMain: boolean }) {
  const door = useContext(DemoDoorContext);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (door?.takeReturn() === true) button.current?.focus({ preventScroll: true });
  }, [door]);
  if (door === null) return null;
  return (
    <button
      type="button"
      class={isMain ? "button button-primary" : "button"}
      ref={button}
      onClick={door.open}
    >
      {text}
    </button>
  );
}
