// @vitest-environment happy-dom
/** A saved history that is shown in place of the tab's rows: the two are never mixed. */
import { fireEvent, screen, within } from "@testing-library/preact";
import { expect, it } from "vitest";
import { createModels } from "../../../extension/models/index.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

/** A tab, and a history of a login on another site, with the same ids. */
async function start() {
  const theirs = createMemoryWorld({ url: "http://app.test/" });
  const other = createModels(theirs.ports);
  theirs.request({ url: "http://app.test/plain" });
  theirs.request({
    url: "http://app.test/login",
    at: theirs.now() + 10,
    durationMs: 5,
    sentCookies: [],
    setCookies: ["sessionid=abcdef; SameSite=Lax; Path=/"],
  });
  theirs.request({ url: "http://app.test/later", at: theirs.now() + 20, sentCookies: ["sessionid"] });
  await pass(theirs, 1000);
  const { text } = other.exchange.history();
  other[Symbol.dispose]();
  const world = createMemoryWorld();
  world.setCookies([fillCookie({ value: "key" })]);
  const models = openPanel(world);
  for (const path of ["one", "two", "three"]) world.request({ url: `http://localhost:8000/${path}` });
  await pass(world, 1000);
  return { world, models, text };
}

const paths = () =>
  within(screen.getByRole("grid", { name: "Requests" }))
    .getAllByRole("row")
    .slice(1)
    .map((row) => row.querySelector(".cell-path")?.textContent);

it("shows all rows of the history, of any site, and none of them as selected", async () => {
  const { models, text } = await start();
  models.view.select("r2");
  await models.exchange.open(text);
  await turns();
  expect(paths()).toEqual(["/plain", "/login", "/later"]);
  expect(models.view.selected.value).toBeNull();
});

it("names the server of the selected row", async () => {
  const { models, text } = await start();
  const origin = () => screen.queryByRole("note", { name: "Origin" })?.textContent;
  await models.exchange.open(text);
  await turns();
  expect(origin()).toBeUndefined();
  fireEvent.click(screen.getByText("/login"));
  await turns();
  expect(origin()).toBe("Request to http://app.test.");
  models.exchange.close();
  await turns();
  expect(origin()).toBeUndefined();
});

it("names no loopback port for a row from a file, even if the tab reads the same origin through one", async () => {
  const world = createMemoryWorld();
  world.places.set("http://localhost:8000", "http://127.0.0.1:47801");
  world.setCookies([fillCookie({ value: "key" })]);
  world.server.put("key", { visits: 1 });
  const models = openPanel(world);
  world.request({ url: "http://localhost:8000/one", traceId: "t".repeat(22) });
  await pass(world, 1000);
  const origin = () => screen.queryByRole("note", { name: "Origin" })?.textContent;
  expect(origin()).toContain(", read through http://127.0.0.1:47801");
  expect(await models.exchange.open(models.exchange.history().text)).toBe("opened");
  await turns();
  fireEvent.click(screen.getByText("/one"));
  await turns();
  expect(models.connection.links.value.get("http://localhost:8000")?.place.value).toContain("47801");
  expect(origin()).toBe("Request to http://localhost:8000.");
});

it("copies what is shown", async () => {
  const { models, text } = await start();
  const copied: string[] = [];
  Object.defineProperty(navigator, "clipboard", {
    configurable: true,
    value: { writeText: async (each: string) => void copied.push(each) },
  });
  await models.exchange.open(text);
  await turns();
  fireEvent.contextMenu(screen.getByText("/login"));
  fireEvent.click(await screen.findByRole("menuitem", { name: "Copy address" }));
  expect(copied).toEqual(["http://app.test/login"]);
});

it("is closed by Clear, which keeps the tab's rows", async () => {
  const { world, models, text } = await start();
  await models.exchange.open(text);
  models.clear();
  await turns();
  expect(paths()).toEqual(["/one", "/two", "/three"]);
  expect(world.did).not.toContain("clear");
});

it("is explained from its own data, not from the current cookies", async () => {
  const { models, text } = await start();
  await models.exchange.open(text);
  models.tree.show("why");
  models.view.select("r3");
  await turns();
  const said = screen.getByRole("tabpanel").textContent;
  expect(said).not.toContain("evicted");
  models.view.select("r2");
  await turns();
  expect(screen.getByRole("tabpanel").textContent).toContain("sessionid is new");
});
