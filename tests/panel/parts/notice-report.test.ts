// @vitest-environment happy-dom
/** What a notice's button copies to the clipboard. */
import { afterEach, expect, it, vi } from "vitest";
import { runAction } from "../../../entrypoints/panel/parts/run-action.ts";
import { notUnderstood } from "../../../extension/logic/notices/live-notices.ts";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { turns } from "../memory-ports/turns.ts";
import { createMemoryWorld } from "../memory-ports/world.ts";

let models: Models | null = null;
afterEach(() => {
  models?.[Symbol.dispose]();
  vi.restoreAllMocks();
});

it("Copy report copies what broke and the versions, and says that it did", async () => {
  models = createModels(createMemoryWorld().ports);
  const said = vi.spyOn(models.announcer, "say");
  const copied = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  runAction(models, notUnderstood("The answer has no field cookie."));
  await turns();
  const text = copied.mock.calls.flat().join();
  expect(text).toMatch(/^The bridge's answer could not be read\. .*no field cookie\.\nprotocol \d+\n/);
  expect(text).toContain(navigator.userAgent);
  expect(said).toHaveBeenCalledWith("Copied the report");
});
