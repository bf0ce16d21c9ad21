/** The demo: the panel itself on separate models, which know only ports in memory. Loaded when it is first opened. */
import { useEffect, useState } from "preact/hooks";
import { DemoFrame } from "../../../components/notice/DemoFrame.tsx";
import { createDemoWorld, type DemoSurroundings } from "../../../extension/demo/demo-ports.ts";
import { playStory } from "../../../extension/demo/demo-story.ts";
import { createModels } from "../../../extension/models/index.ts";
import { App } from "../App.tsx";

/** Reads its surroundings once. */
export interface DemoProps extends DemoSurroundings {
  onClose: () => void;
}

/** Plays from the beginning each time it is opened. */
export function Demo({ onClose, ...surroundings }: DemoProps) {
  const [{ world, models }] = useState(() => {
    const created = createDemoWorld(surroundings);
    return { world: created, models: createModels(created.ports) };
  });
  useEffect(() => {
    const stop = playStory(world);
    return () => {
      stop();
      models[Symbol.dispose]();
    };
  }, [world, models]);
  return (
    <DemoFrame onClose={onClose}>
      <App models={models} />
    </DemoFrame>
  );
}
