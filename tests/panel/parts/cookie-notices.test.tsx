// @vitest-environment happy-dom
/** What the session pane says of a session whose row is gone and whose copy is accepted, and of chunks that do not belong together. */
import { screen } from "@testing-library/preact";
import { expect, it } from "vitest";
import { COOKIE_STATES, deleteRow } from "../harness/cookie-states.ts";
import { createMemoryServer } from "../memory-ports/server.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const titles = () => screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent);
const said = () => document.body.textContent ?? "";
const GONE = "Gone on the server, still accepted from the cookie for";

/** @param aheadMs the server's clock minus the browser's */
async function open(aheadMs = 0) {
  const world = createMemoryWorld();
  world.server = createMemoryServer(() => world.now() + aheadMs);
  deleteRow(world);
  world.server.acceptedUntil = (world.server.acceptedUntil ?? 0) + aheadMs;
  const models = openPanel(world);
  await turns();
  return { world, models };
}

it("counts down to the time at which the copy is no longer accepted, and then says that there is no session", async () => {
  const { world } = await open();
  expect(titles()).toContain(`${GONE} 4 min 12 s`);
  await pass(world, 2000);
  expect(titles()).toContain(`${GONE} 4 min 10 s`);
  await pass(world, 250_000);
  expect(said()).not.toContain(GONE);
  expect(titles()).toContain("The server holds no such session");
});

it("counts by the browser's clock, whatever the server's is", async () => {
  await open(3_600_000);
  expect(titles()).toContain(`${GONE} 4 min 12 s`);
});

it("counts to the copy's own expiry if the browser drops it earlier", async () => {
  const { world } = await open();
  const cookies = world.cookies.cookies.map((cookie) =>
    cookie.id === "copy" ? { ...cookie, expiresAt: world.now() + 61_000 } : cookie,
  );
  world.setCookies(cookies);
  await turns();
  expect(titles()).toContain(`${GONE} 1 min 1 s`);
});

it("offers to delete the copy, which ends it, and the undo", async () => {
  const { world, models } = await open();
  screen.getByRole("button", { name: "Delete better-auth.session_data" }).click();
  await turns();
  expect(world.cookies.cookies.map(({ id }) => id)).toEqual(["token"]);
  expect(said()).not.toContain(GONE);
  expect(titles()).toContain("The server holds no such session");
  await models.undo.undo();
  await turns();
  expect(titles()).toContain(`${GONE} 4 min 12 s`);
});

it("says nothing of a copy that the browser does not hold", async () => {
  const { world } = await open();
  world.setCookies(world.cookies.cookies.filter(({ id }) => id === "token"));
  await turns();
  expect(said()).not.toContain(GONE);
});

it("says nothing of a copy that the server no longer accepts", async () => {
  const world = createMemoryWorld();
  deleteRow(world);
  world.server.acceptedUntil = null;
  openPanel(world);
  await turns();
  expect(titles()).toContain("The server holds no such session");
});

it("names the response of each chunk if no single one has set them all", async () => {
  const world = createMemoryWorld();
  const state = COOKIE_STATES["chunks-of-two-generations"];
  state.before?.(world);
  const models = openPanel(world);
  await turns();
  expect(titles()).not.toContain("The chunks of the session cookie do not belong together");
  await state.after?.(world, models);
  await pass(world, 1000);
  expect(titles()).toContain("The chunks of the session cookie do not belong together");
  expect(said()).toContain("app.0 is of 2 · GET /save, app.1 is of 1 · POST /save");
});
