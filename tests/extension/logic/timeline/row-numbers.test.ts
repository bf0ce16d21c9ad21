/** Row numbers: assigned once, when a row is first shown, without gaps. */
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

it("a row keeps its number when an older one is reported late, which is placed by its time and gets the next number", () => {
  const { ledger, add } = open(["a", 1], ["c", 3]);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "c 2"]);
  add("b", 2);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "b 3", "c 2"]);
});

it("rows that are reported together are numbered by time", () => {
  const { ledger } = open(["c", 3], ["a", 1], ["b", 2]);
  expect(numbersOf(ledger.list())).toEqual(["a 1", "b 2", "c 3"]);
});

it("a row that is not shown has no number, and gets the next one when it is shown", () => {
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

it("a row keeps its number in a reloaded panel, where new numbers follow all earlier ones", () => {
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

it("a row keeps its number in a saved history, and others are numbered after it", () => {
  const { ledger, add } = open();
  ledger.request(fillRequest({ id: "a", at: 1 }), 57);
  add("b", 2);
  expect(numbersOf(ledger.list())).toEqual(["a 57", "b 58"]);
});
