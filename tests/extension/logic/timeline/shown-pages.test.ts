/** Each row knows the page that the tab showed at its time, even if the row comes late. */
import { expect, it } from "vitest";
import { pageOf } from "../../../../extension/logic/timeline/entry.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { createModels } from "../../../../extension/models/index.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillRequest } from "../../../panel/memory-ports/world.ts";

const [A, B] = ["http://localhost:8000", "http://localhost:3000"];
const server = createMemoryServer(() => 0);
const edit = () => server.trace({ origin: "panel", flushedKeys: 1 });

function open() {
  const ledger = createLedger();
  const pages = () => ledger.list().map(pageOf);
  return { ledger, pages };
}

it("the first known page also counts for rows before it", () => {
  const { ledger, pages } = open();
  ledger.request(fillRequest({ id: "a", at: 1 }));
  ledger.page(A, 5);
  ledger.request(fillRequest({ id: "b", at: 2 }));
  expect(pages()).toEqual([A, A]);
});

it("the next page counts from the request of its document, and rows before it keep theirs", () => {
  const { ledger, pages } = open();
  ledger.page(A, 0);
  for (const at of [1, 2, 3]) ledger.request(fillRequest({ id: `r${at}`, at }));
  ledger.page(B, 2);
  ledger.request(fillRequest({ id: "r4", at: 4 }));
  expect(pages()).toEqual([A, B, B, B]);
});

it("a trace that arrives late, or claims to be old, has the page of its place in the list", () => {
  const { ledger, pages } = open();
  ledger.page(A, 0);
  ledger.page(B, 10);
  ledger.trace(edit(), 5, 20, B);
  expect(pages()).toEqual([A]);
});

it("an earlier page cannot start again before the one after it", () => {
  const { ledger, pages } = open();
  ledger.page(A, 0);
  ledger.page(B, 10);
  ledger.request(fillRequest({ id: "b", at: 11 }));
  ledger.page(A, 1);
  expect(pages()).toEqual([A]);
  ledger.page(B, 20);
  ledger.request(fillRequest({ id: "c", at: 15 }));
  expect(pages()).toEqual([A, A]);
});

it("what an earlier panel knew about a row is kept", () => {
  const { ledger: before } = open();
  before.page(A, 0);
  before.trace(edit(), 5, 5, A);
  const { ledger, pages } = open();
  ledger.restore(before.list(), []);
  ledger.page(B, 10);
  expect(pages()).toEqual([A]);
});

it("pages follow the panel's navigations", async () => {
  const world = createMemoryWorld();
  const models = createModels(world.ports);
  await turns();
  models.preferences.set({ preserveLog: true });
  world.request({ id: "a", url: `${A}/` });
  await pass(world, 1000);
  world.request({ id: "b", url: `${B}/`, type: "document" });
  world.navigate(`${B}/`);
  world.request({ id: "c", url: `${A}/frame` });
  await pass(world, 1000);
  const rows = models.timeline.entries.value.filter(({ type }) => type === "request");
  expect(rows.map((row) => [row.id, pageOf(row)])).toEqual([
    ["a", A],
    ["b", B],
    ["c", B],
  ]);
  models[Symbol.dispose]();
});
