// @vitest-environment happy-dom
/** What the panel passes to the comparison of rows, and which rows it shows the result for. */
import { screen, within } from "@testing-library/preact";
import { expect, it } from "vitest";
import { pastOf } from "../../../../entrypoints/panel/parts/tab-past.ts";
import type { Models } from "../../../../extension/models/index.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";
import { openPanel } from "../../../panel/parts/open-panel.tsx";

const [PAGE, API] = ["http://localhost:5173", "http://localhost:3000"];

/** A login at each of two origins, each greeted by another process; the cookies have these names. */
async function signInAtBoth({ place = PAGE, names = ["sessionid"] } = {}): Promise<Models> {
  const world = createMemoryWorld({ url: `${PAGE}/` });
  world.places.set(PAGE, place);
  world.setCookies(names.map((name) => fillCookie({ id: name, name, value: "of-b" })));
  for (const origin of [PAGE, API]) {
    const server = createMemoryServer(world.now);
    server.hello = { ...server.hello, process: `log of ${origin}`, cookieNames: names };
    world.servers.set(origin, server);
  }
  const models = openPanel(world);
  await turns();
  for (const [origin, value] of [
    [PAGE, "of-a"],
    [API, "of-b"],
  ]) {
    world.request({
      method: "POST",
      url: `${origin}/login`,
      durationMs: 5,
      traceId: `${value}`.padEnd(22, "-"),
      sentCookies: names,
      setCookies: names.map((name) => `${name}=${value}; Path=/`),
    });
    await pass(world, 1000);
  }
  return models;
}

const chips = (): string[] =>
  within(screen.getByRole("grid", { name: "Requests" }))
    .getAllByText(/login/)
    .map((path) => path.closest("[role=row]")?.textContent ?? "")
    .flatMap((row) => row.match(/overwrote [\w ]+ of localhost:\d+/) ?? []);

it("two origins that are greeted by two processes are two apps, if each is read at its own address", async () => {
  await signInAtBoth();
  expect(chips()).toEqual(["overwrote sessionid of localhost:5173"]);
});

it("two origins that are read through one place are one app, whichever process answers there", async () => {
  const models = await signInAtBoth({ place: API });
  const { running = new Map() } = pastOf(models);
  expect([...running.keys()].sort()).toEqual([API, PAGE]);
  expect(new Set(running.values()).size).toBe(1);
  expect(chips()).toEqual([]);
});

it("the row that overwrote two cookies shows both", async () => {
  await signInAtBoth({ names: ["sessionid", "cart"] });
  expect(chips()).toEqual(["overwrote sessionid and cart of localhost:5173"]);
});

it("an opened history does not show the chips of the tab's rows, although its rows have their ids", async () => {
  const models = await signInAtBoth();
  const ids = models.view.rows.value.map(({ id }) => id);
  expect(await models.exchange.open(models.exchange.history().text)).toBe("opened");
  await turns();
  const opened = models.exchange.opened.value?.map(({ id }) => id) ?? [];
  expect(opened.filter((id) => ids.includes(id))).not.toEqual([]);
  expect(chips()).toEqual([]);
  models.exchange.close();
  await turns();
  expect(chips()).toHaveLength(1);
});
