/** The panel, or its demo in its place. The models of the panel run on while the demo is shown. */
import type { ComponentType } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Models } from "../../extension/models/index.ts";
import type { ClockPort } from "../../extension/ports/ports.ts";
import { App } from "./App.tsx";
import type { DemoProps } from "./demo/Demo.tsx";
import { DemoDoorContext } from "./parts/TryButton.tsx";

interface PanelProps {
  models: Models;
  clock: ClockPort;
}

/** Opens on the tab's own data. */
export function Panel({ models, clock }: PanelProps) {
  const [demo, setDemo] = useState<{ View: ComponentType<DemoProps> } | null>(null);
  const returning = useRef(false);
  const door = useMemo(
    () => ({
      open() {
        import("./demo/Demo.tsx").then(
          ({ Demo }) => setDemo({ View: Demo }),
          () => models.announcer.say("The demo could not be loaded. Close DevTools and open it again"),
        );
      },
      takeReturn() {
        const taken = returning.current;
        returning.current = false;
        return taken;
      },
    }),
    [models],
  );
  useLayoutEffect(() => {
    // The button that opened the demo may be gone: a bridge may have answered meanwhile.
    if (demo === null && door.takeReturn()) focusChosenTab();
  }, [demo, door]);
  if (demo !== null) {
    const { theme, splits } = models.preferences.value.peek();
    const close = (): void => {
      returning.current = true;
      setDemo(null);
    };
    return (
      <demo.View
        clock={clock}
        theme={models.theme.forced.peek()}
        preferences={{ theme, splits }}
        onClose={close}
      />
    );
  }
  return (
    <DemoDoorContext.Provider value={door}>
      <App models={models} />
    </DemoDoorContext.Provider>
  );
}

function focusChosenTab(): void {
  document.querySelector<HTMLElement>('[role=tab][aria-selected="true"]')?.focus({ preventScroll: true });
}
