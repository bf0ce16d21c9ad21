/** One value in the panel: a trace brings it, its row is selected, and the tree and the chips show it. */
import { cleanup, render } from "@testing-library/preact";
import { App } from "../../entrypoints/panel/App.tsx";
import { createModels } from "../../extension/models/index.ts";
import { pass } from "../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../panel/memory-ports/world.ts";
import { VALUE } from "./follow-value.ts";

/** Plays it in a simulated world, with the whole panel in a document. Throws when the value is not shown. */
export async function run(): Promise<void> {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
  const world = createMemoryWorld();
  const dataJson = JSON.stringify({ cart: VALUE });
  world.server.put("key", dataJson);
  world.setCookies([fillCookie({ value: "key" })]);
  const models = createModels(world.ports);
  try {
    render(<App models={models} />);
    await pass(world, 1000);
    const side = { key: "…", keyId: "k", version: "1", expiresAt: null, truncated: false };
    const trace = world.server.trace({
      before: { ...side, dataJson: "{}" },
      after: { ...side, dataJson },
      changes: [{ key: "cart", kind: "added", writer: "app.ts:1" }],
    });
    world.request({ id: "1", traceId: trace.id });
    await pass(world, 1000);
    if (!document.body.textContent?.includes(VALUE)) throw new Error("the live session is not shown");
    models.view.select("1");
    await pass(world, 1000);
    if (!document.body.textContent?.includes(VALUE)) throw new Error("the value is not shown");
  } finally {
    cleanup();
    models[Symbol.dispose]();
  }
}
