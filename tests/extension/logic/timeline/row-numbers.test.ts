/** Numbers of rows: given once, when a row is first shown, and none left out. */
import { expect, it } from "vitest";
import type { Entry } from "../../../../extension/logic/timeline/entry.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

function numbersOf(entries: readonly Entry[]) {
  return entries.flatMap((entry) => (entry.type === "request" ? `${entry.id} ${entry.number}` : []));
}

function open(...requests: [id: string, at: number][]) {
  const ledger = createLedger();
  const add = (id: string, at: number) => ledger.request(fillRequest({ id, at }));
  for (const [id, at] of requests) add(id, at);
  return { ledger, add };
}

it("a row keeps its number when an older one is told of late; that one takes the next, in its place in time", () => {
  const { ledger, add } = open(["a", 1], ["c", 3]);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "c 2"]);
  add("b", 2);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "b 3", "c 2"]);
});

it("rows that are told of together are numbered in the order of time", () => {
  const { ledger } = open(["c", 3], ["a", 1], ["b", 2]);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "b 2", "c 3"]);
});

it("a row that is not shown takes no number, and the next one when it is shown after all", () => {
  const { ledger, add } = open(["a", 1], ["hidden", 2], ["b", 3]);
  const isShown = ({ id }: Entry) => id !== "hidden";
  expect(numbersOf(ledger.list(isShown))).toEqual(["a 1", "hidden null", "b 2"]);
  add("c", 4);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "hidden 3", "b 2", "c 4"]);
});

it("numbers go on after rows were removed", () => {
  const { ledger, add } = open(["a", 1], ["b", 2]);
  ledger.list();
  ledger.remove(() => true);
  add("c", 3);
  expect(numbersOf(ledger.list())).toEqual(["c 3"]);
});

it("a row keeps its number in the panel's next life, and what is new there comes after all of them", () => {
  const before = open(["a", 1], ["c", 3]).ledger;
  before.list();
  before.request(fillRequest({ id: "b", at: 2 }));
  const kept = before.list();
  const { ledger, add } = open(["a", 1], ["b", 2], ["c", 3], ["d", 4]);
  ledger.list();
  ledger.restore(kept, []);
  add("e", 5);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "b 3", "c 2", "d 4", "e 5"]);
});

it("a row's number in a saved history stays, and others are numbered after it", () => {
  const { ledger, add } = open();
  ledger.request(fillRequest({ id: "a", at: 1 }), 57);
  add("b", 2);
  expect(numbersOf(ledger.list())).toEqual(["a 57", "b 58"]);
});
