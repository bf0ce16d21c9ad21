/** Describes a store by random histories: `forUser` lists what a full scan finds. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { history } from "./devices-acts.ts";
import { type DevicesStore, openWorld, type World } from "./devices-model.ts";

const isField = process.env["SESSIONS_FIELD"] === "true";
/** The same histories in each `npm test`; others in each `npm run test:field`. */
const SEED = isField ? Date.now() : 21;
const ONE_TEST_MS = isField ? 7_200_000 : 60_000;

/**
 * @param runs histories in `npm test`; twenty times as many in the field
 */
export function describeHistories(name: string, open: () => Promise<DevicesStore>, runs: number): void {
  describe(`the sessions of a user in random histories: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await openWorld(await open());
    });
    afterAll(() => world?.close());

    it("are what a full scan of the store finds, with edits, foreign writes, faults and kills", {
      timeout: ONE_TEST_MS,
    }, async () => {
      await fc.assert(
        fc.asyncProperty(history, async (turns) => {
          expect(await world.play(turns)).toEqual([]);
        }),
        { numRuns: isField ? 20 * runs : runs, seed: SEED, endOnFailure: !isField && runs < 20 },
      );
    });
  });
}
