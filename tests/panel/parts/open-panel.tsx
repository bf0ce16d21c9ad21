/** The whole panel in a document, in a simulated world. */
import { cleanup, render } from "@testing-library/preact";
import { onTestFinished } from "vitest";
import { App } from "../../../entrypoints/panel/App.tsx";
import { createModels, type Models } from "../../../extension/models/index.ts";
import type { MemoryWorld } from "../memory-ports/world.ts";

/** Renders the panel at a height at which rows are drawn. Unmounted after the test. */
export function openPanel(world: MemoryWorld): Models {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
  const models = createModels(world.ports);
  render(<App models={models} />);
  onTestFinished(() => {
    cleanup();
    models[Symbol.dispose]();
  });
  return models;
}
