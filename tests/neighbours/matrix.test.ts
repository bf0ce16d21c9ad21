/**
 * The matrix: every neighbour in every place, with and without sessions, may differ only in the session cookie
 * and its Vary header. `npm test` plays a selection that covers what can go wrong together; SESSIONS_FIELD=true plays the whole product.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { declare } from "./declarations.ts";
import { VISITS_PATH } from "./hosts/host.ts";
import { type Asked, askFor, KIND } from "./kinds.ts";
import { findNeighbour, NEIGHBOURS } from "./neighbours/neighbours.ts";
import { type Cell, chooseSmall, toProduct } from "./product.ts";
import { createReport } from "./report.ts";
import { openSite, type Site } from "./site.ts";
import { createEngine } from "./stores.ts";

const product = toProduct(NEIGHBOURS.map(({ name }) => name));
const possible = product.filter((cell) => declare(cell) === null);
const isField = process.env["SESSIONS_FIELD"] === "true";
const encodes = (name: string) => findNeighbour(name).encodes === true;
const played = isField ? possible : chooseSmall(possible, encodes);
const report = createReport();

for (const cell of product) {
  const reason = declare(cell);
  if (reason !== null) report.declared(cell, reason);
}

for (const [place, cells] of Map.groupBy(played, toPlace)) {
  describe(place, () => {
    let control: Site;
    let subject: Site;
    beforeAll(async () => {
      const [first] = cells;
      if (first === undefined) throw new Error("A place without a cell.");
      [control, subject] = await Promise.all([
        openSite(first, null),
        openSite(first, createEngine(first.store)),
      ]);
    });
    afterAll(() => Promise.all([control?.close(), subject?.close()]));

    for (const cell of cells) {
      it(`responds with ${cell.kind} to a ${cell.client} client as it does without sessions`, async () => {
        report.begun(cell);
        await play(cell, control, subject);
        report.passed(cell);
      });
    }
  });
}

async function play({ neighbour, client, kind }: Cell, control: Site, subject: Site): Promise<void> {
  const { random, late = {} } = findNeighbour(neighbour);
  const expected = await askFor(kind, client, control.asker, { random });
  const asked = await askFor(kind, client, subject.asker, { random });
  expect(asked.observed).toEqual(expected.observed);
  expect([expected.observed.status, expected.cookies]).toEqual([KIND[kind].status, []]);
  expect(expected.observed.fault).toBe(kind === "an abort" ? "left" : null);
  expect(expected.observed.heard.filter((what) => what.endsWith("not come") && !(what in late))).toEqual([]);
  await expectStored(asked, subject);
}

/** The page has changed the session once: its visitor got one cookie, and the session is stored. */
async function expectStored({ cookies, vary }: Asked, { asker }: Site): Promise<void> {
  expect(cookies).toEqual([expect.stringMatching(/^sessionid=[a-z0-9]{32};/)]);
  expect(vary).toContain("cookie");
  const cookie = String(cookies[0]).split(";", 1)[0] ?? "";
  expect((await asker.ask(VISITS_PATH, { headers: { cookie } })).body).toBe("1");
}

/** The cells that one pair of servers plays. */
function toPlace({ neighbour, position, host, protocol, store }: Cell): string {
  return `${neighbour} ${position} the session on ${host}, ${protocol}, ${store} store`;
}

describe("the matrix as a whole", () => {
  it("plays or declares every cell of the product", () => {
    const { begun, declared } = report.counts();
    expect(begun).toBe(played.length);
    expect(possible.length + declared).toBe(product.length);
    if (isField) expect(begun + declared).toBe(product.length);
  });

  afterAll(() => report.print(product.length));
});
