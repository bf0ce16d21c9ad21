// @vitest-environment happy-dom
/** The focus stays in the panel when the focused element disappears: a flushed session, a finished Undo, a notice after its button worked. */
import { fireEvent, screen, within } from "@testing-library/preact";
import { expect, it } from "vitest";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

async function start() {
  const world = createMemoryWorld();
  world.server.put("key", { visits: 1 });
  world.setCookies([fillCookie({ value: "key" })]);
  const models = openPanel(world);
  await pass(world, 1000);
  return { world, models };
}

/** Presses a button as a keyboard does. */
async function press(name: string): Promise<void> {
  const button = screen.getByRole("button", { name });
  button.focus();
  fireEvent.click(button);
  await turns();
}
const focused = () =>
  document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;

it("goes to the tab after a flush", async () => {
  await start();
  await press("Flush session");
  expect(screen.queryByRole("treegrid")).toBeNull();
  expect(focused()).toBe("Contents");
});

it("moves to Dismiss after Undo, and from there back to where it was", async () => {
  const { models } = await start();
  const row = screen.getByRole("row", { name: /visits/ });
  row.focus();
  models.undo.did({ did: "Saved visits", back: async () => null });
  await turns();
  await press("Undo");
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  expect(focused()).toBe("Dismiss");
  await press("Dismiss");
  expect(document.activeElement).toBe(row);
});

it("returns when the line disappears by itself, or goes to the tab when its place is gone", async () => {
  const { world, models } = await start();
  await press("Flush session");
  screen.getByRole("button", { name: "Dismiss" }).focus();
  await pass(world, 11_000);
  expect(models.undo.offered.value).toBeNull();
  expect(focused()).toBe("Contents");
});

it("goes to the tab when its place can no longer be focused", async () => {
  const { models } = await start();
  const button = screen.getByRole("button", { name: "New key" });
  button.focus();
  models.undo.tell("Something was told");
  await turns();
  const dismiss = screen.getByRole("button", { name: "Dismiss" });
  dismiss.focus();
  button.focus = () => {};
  fireEvent.click(dismiss);
  await turns();
  expect(focused()).toBe("Contents");
});

it("goes to the tab when a notice's button has done its work", async () => {
  const { world, models } = await start();
  world.request({});
  await pass(world, 1000);
  models.view.search("nothing");
  await turns();
  const notice = screen.getByRole("group", { name: /Nothing matches/ });
  within(notice).getByRole("button").focus();
  fireEvent.click(within(notice).getByRole("button"));
  await turns();
  expect(focused()).toBe("Contents");
});

it("is not moved when it is elsewhere", async () => {
  const { world } = await start();
  world.setCookies([]);
  await pass(world, 1000);
  expect(document.activeElement).toBe(document.body);
});
