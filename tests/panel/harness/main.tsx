/**
 * Shows the panel on memory ports, in the state that the address names: `?state=login&theme=dark`.
 * Tests drive the simulated world through `window.harness`.
 */
import { render } from "preact";
import { Panel } from "../../../entrypoints/panel/Panel.tsx";
import { createModels } from "../../../extension/models/index.ts";
import { createMemoryWorld, type MemoryWorld } from "../memory-ports/world.ts";
import { findCutTexts } from "./cut-texts.ts";
import { CONNECT_NAMES, COOKIE_NAMES, DEVICES_NAMES, NAMES } from "./names.ts";
import { STATES } from "./states.ts";

declare global {
  interface Window {
    harness: {
      world: MemoryWorld;
      models: ReturnType<typeof createModels>;
      findCutTexts: typeof findCutTexts;
    };
  }
}

const asked = new URLSearchParams(location.search);
const running = asked.has("running");
const world = createMemoryWorld(running ? { clock: realClock() } : {});
const theme = asked.get("theme");
world.theme = theme === "light" || theme === "dark" ? theme : null;
if (asked.get("state") === "blank") showBlank();
const name = [...NAMES, ...CONNECT_NAMES, ...COOKIE_NAMES, ...DEVICES_NAMES].find(
  (each) => each === (asked.get("state") ?? "login"),
);
if (name === undefined) throw new Error(`No such state. There are: ${NAMES.join(", ")}`);
const state = STATES[name];
state.before?.(world);
const models = createModels(world.ports);
window.harness = { world, models, findCutTexts };
const root = document.getElementById("panel");
if (root !== null) render(<Panel models={models} clock={world.ports.clock} />, root);
await settle();
await state.after?.(world, models);
await settle();
document.documentElement.dataset["ready"] = "";

/** A page without the panel, as long as its timeline: the minimum cost of scrolling. */
function showBlank(): never {
  const scroller = document.createElement("div");
  scroller.className = "blank";
  scroller.style.cssText = "height:100vh;overflow:auto";
  const space = document.createElement("div");
  space.style.height = "200000px";
  scroller.append(space);
  document.body.replaceChildren(scroller);
  document.documentElement.dataset["ready"] = "";
  throw new Error("This page stays blank on purpose.");
}

/** Lets the promises of the simulated world run, and the signals reach the document. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  if (!running) world.advance(1000);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
}

function realClock() {
  return {
    now: () => Date.now(),
    every(ms: number, tick: () => void) {
      const timer = setInterval(tick, ms);
      return () => clearInterval(timer);
    },
  };
}
