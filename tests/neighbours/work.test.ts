/** Each neighbour works in every possible place, with a slow store. */
import { describe, it } from "vitest";
import { Browser } from "./client.ts";
import { declare, declareUndone } from "./declarations.ts";
import { NEIGHBOURS } from "./neighbours/neighbours.ts";
import { toProduct } from "./product.ts";
import { openSite } from "./site.ts";
import { createEngine } from "./stores.ts";

const cells = toProduct(NEIGHBOURS.map(({ name }) => name)).filter(
  (cell) => declare(cell) === null && cell.store === "slow",
);
const places = Map.groupBy(cells, (cell) => {
  const { neighbour, position, host, protocol } = cell;
  const reason = declareUndone(cell);
  const does = reason === null ? "does its work" : `is declared not to do its work, since ${reason}`;
  return `${does}: ${neighbour} ${position} the session on ${host}, ${protocol}`;
});

describe("a neighbour", () => {
  for (const [sentence, [cell]] of places) {
    it(sentence, async () => {
      if (cell === undefined) throw new Error("A place without a cell.");
      const site = await openSite(cell, createEngine(cell.store));
      try {
        await site.placed.prove(new Browser(site.asker), site.port);
      } finally {
        await site.close();
      }
    });
  }
});
