/** Which rows are shown, and so numbered: those that could carry a cookie of this tab. */
import { expect, it, onTestFinished } from "vitest";
import { readHistoryEntries } from "../../../../extension/logic/history/history-entries.ts";
import { createModels } from "../../../../extension/models/index.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";
import { finish } from "../../logic/finish.ts";

async function open() {
  const world = createMemoryWorld();
  world.setCookies([fillCookie()]);
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  const rows = () =>
    models.view.rows.value.flatMap((row) => (row.type === "request" ? `${row.id} ${row.number}` : []));
  const ask = async (id: string, host = "localhost:8000", more = {}) => {
    world.request({ id, url: `http://${host}/${id}`, sentCookies: [], ...more });
    await pass(world, 1000);
  };
  return { world, models, rows, ask };
}

it("requests to hosts without a cookie are not shown and leave no gap in the numbers", async () => {
  const { rows, ask } = await open();
  await ask("a");
  await ask("font", "fonts.test");
  await ask("b");
  expect(rows()).toEqual(["a 1", "b 2"]);
});

it("a row that is shown later takes the next number, and keeps it when its host no longer has a cookie", async () => {
  const { world, rows, ask } = await open();
  await ask("a");
  await ask("other", "other.test");
  await ask("b");
  world.setCookies([fillCookie(), fillCookie({ id: "other", domain: "other.test" })]);
  await pass(world, 1000);
  expect(rows()).toEqual(["a 1", "other 3", "b 2"]);
  world.setCookies([fillCookie()]);
  await pass(world, 1000);
  expect(rows()).toEqual(["a 1", "other 3", "b 2"]);
});

it("a saved history keeps the numbers that its rows had", async () => {
  const { world, models, ask } = await open();
  await ask("a");
  await ask("b");
  world.request({ id: "late", url: "http://localhost:8000/late", at: world.now() - 1500 });
  await pass(world, 1000);
  models.timeline.clear(new Set(["a"]));
  const read = finish(readHistoryEntries(models.exchange.history().text));
  expect(read).toMatchObject({
    entries: [
      { id: "late", number: 3 },
      { id: "b", number: 2 },
    ],
  });
});

it("a forged history cannot give two rows the same number, or an invalid one", async () => {
  const row = { at: 1, method: "GET", url: "http://h.test/" };
  const requests = [1, 1, -1, 1.5, "2", null].map((number, at) => ({ ...row, id: `r${at}`, at, number }));
  const file = { format: "sessions-devtools-history", version: 1, requests, traces: [], cookies: [] };
  const read = finish(readHistoryEntries(JSON.stringify(file)));
  const entries = "entries" in read ? read.entries : [];
  expect(entries.map((entry) => entry.type === "request" && entry.number)).toEqual([1, 2, 3, 4, 5, 6]);
});

it("a request that only Chrome's cache could have answered was never sent: it is not shown, one that failed is", async () => {
  const { rows, ask } = await open();
  await ask("page", "localhost:8000", { status: null, error: "net::ERR_CACHE_MISS" });
  await ask("gone", "localhost:8000", { status: null, error: "net::ERR_CONNECTION_REFUSED" });
  expect(rows()).toEqual(["gone 1"]);
});
