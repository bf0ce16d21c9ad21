// @vitest-environment happy-dom
/** One click on a key of the session makes it a column of the timeline. */
import { fireEvent, screen, within } from "@testing-library/preact";
import { expect, it } from "vitest";
import { sideOf } from "../memory-ports/calls.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, fillRequest } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const DATA = JSON.stringify({ user_id: 7, "shop.theme": "dark", cart: { total: 5 } });

/** The panel on a session that one request has shown. */
async function start() {
  const world = createMemoryWorld();
  world.server.put("key", DATA);
  world.setCookies([fillCookie({ value: "key" })]);
  const models = openPanel(world);
  await pass(world, 1000);
  const after = sideOf("key", { dataJson: DATA, version: 1, expiresAt: null });
  world.request(fillRequest({ id: "1", at: world.now(), traceId: world.server.trace({ after }).id }));
  await pass(world, 3000);
  return models;
}

const contents = () => within(screen.getByRole("treegrid"));
const heads = () =>
  within(screen.getByRole("grid", { name: "Requests" }))
    .getAllByRole("columnheader")
    .map((head) => head.textContent);

async function click(name: string): Promise<void> {
  fireEvent.click(contents().getByRole("button", { name }));
  await turns();
}

it("pins a key, a path and a key with a dot, and unpins them", async () => {
  await start();
  expect(heads()).toContain("user_id");
  await click("Pin cart.total as a column");
  await click("Pin shop.theme as a column");
  expect(heads()).toEqual(expect.arrayContaining(["user_id", "cart.total", "shop.theme"]));
  const [, request] = within(screen.getByRole("grid", { name: "Requests" })).getAllByRole("row");
  expect(request?.textContent).toMatch(/75"dark"/);
  await click("Unpin cart.total");
  await click("Unpin user_id");
  expect(heads()).not.toContain("cart.total");
  expect(heads()).not.toContain("user_id");
});

it("has one tab stop in the tree, on whose row the letter P pins and unpins, alone", async () => {
  await start();
  const row = contents()
    .getAllByRole("row")
    .find((each) => each.tabIndex === 0);
  if (row === undefined) throw new Error("no row has the tab stop");
  expect(
    contents()
      .getAllByRole("button")
      .every((button) => button.tabIndex === -1),
  ).toBe(true);
  for (const modifier of ["ctrlKey", "metaKey", "altKey"])
    fireEvent.keyDown(row, { key: "p", [modifier]: true });
  await turns();
  expect(heads()).toContain("user_id");
  fireEvent.keyDown(row, { key: "p" });
  await turns();
  expect(heads()).not.toContain("user_id");
  fireEvent.keyDown(row, { key: "P" });
  await turns();
  expect(heads()).toContain("user_id");
});

it("says of a pinned row that it is pinned", async () => {
  await start();
  const row = () => contents().getByRole("row", { name: /^user_id/ });
  expect(row()).toBe(contents().getByRole("row", { name: /^user_id.* pinned/ }));
  await click("Unpin user_id");
  expect(row()).not.toBe(contents().queryByRole("row", { name: /pinned/ }));
});

it("leaves the choice to the panel again, from the settings", async () => {
  await start();
  fireEvent.click(screen.getByRole("button", { name: "Settings" }));
  await turns();
  const choose = () => screen.queryByRole("button", { name: "Let the panel choose" });
  expect(choose()).toBeNull();
  await click("Pin cart.total as a column");
  await click("Unpin user_id");
  expect(heads()).not.toContain("user_id");
  const button = choose();
  button?.focus();
  fireEvent.click(button ?? expect.fail("no button"));
  await turns();
  expect(heads()).toContain("user_id");
  expect(heads()).not.toContain("cart.total");
  expect(choose()).toBeNull();
  expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Key to pin" }));
});

it("leaves the choice to the panel again after a key that it found was unpinned", async () => {
  await start();
  await click("Unpin user_id");
  fireEvent.click(screen.getByRole("button", { name: "Settings" }));
  fireEvent.click(await screen.findByRole("button", { name: "Let the panel choose" }));
  await turns();
  expect(heads()).toContain("user_id");
});

it("pins without choosing to edit, however often it is clicked", async () => {
  const models = await start();
  fireEvent.dblClick(contents().getByRole("button", { name: "Unpin user_id" }));
  await turns();
  expect(models.editor.draft.value).toBeNull();
});
