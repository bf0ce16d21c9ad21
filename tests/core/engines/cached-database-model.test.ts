/** A cached database returns nothing older than what was acknowledged, whatever happens to its cache and its processes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { play } from "./cached-database-model.ts";
import { createRandom, holdTime, passTime, settle, World } from "./cached-database-world.ts";

const isField = process.env["SESSIONS_FIELD"] === "true";
const RUNS = isField ? 20_000 : 200;
const ONE_TEST_MS = isField ? 7_200_000 : 120_000;
const END = { ageSeconds: 3600, expiresAtMs: Date.UTC(2027, 0, 1) };

let release: () => void;
beforeEach(() => {
  release = holdTime();
});
afterEach(() => release());

describe("a cached database, with the answers of its stores in any order,", () => {
  it(`returns nothing older than what was acknowledged or read, in ${RUNS} runs with faults and kills`, {
    timeout: ONE_TEST_MS,
  }, async () => {
    const total = { copiesRead: 0, copiesStored: 0, distrusts: 0, trusts: 0 };
    for (let seed = 1; seed <= RUNS; seed++) {
      const { stale, tally } = await play(seed);
      expect(stale).toEqual([]);
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += tally[name];
    }
    for (const [name, often] of Object.entries(total)) expect(often, name).toBeGreaterThan(RUNS / 2);
  });
});

describe("a cached database of two processes", () => {
  const key = "sessionone";

  function begin() {
    const world = new World(createRandom(1));
    world.rows.set("epoch", { text: "cache:trusted:first", expiresAtMs: END.expiresAtMs });
    world.rows.set(key, { text: "old", expiresAtMs: END.expiresAtMs });
    return { world, first: world.start(), second: world.start() };
  }

  /** Lets everything happen, and time pass, except questions of that kind. */
  async function run(world: World, ms: number, held = "nothing"): Promise<void> {
    for (let passed = 0; passed <= ms; passed += 50) {
      for (let moved = true; moved; await settle()) {
        const movable = world.movable().filter(({ what }) => what !== held);
        for (const question of movable) world.move(question);
        moved = movable.length > 0;
      }
      await passTime(50);
    }
  }

  async function textOf(world: World, { engine }: ReturnType<World["start"]>, held = "nothing") {
    const texts: (string | null)[] = [];
    void engine.load(key).then((found) => {
      texts.push(found === null || found === "expired" ? null : found.text);
    });
    while (texts.length === 0) await run(world, 50, held);
    return texts[0];
  }

  /** Begins a save; `isDone` becomes true when it is acknowledged. */
  function save({ engine }: ReturnType<World["start"]>): { isDone: boolean } {
    const saving = { isDone: false };
    void engine.update(key, "new", END, null).then(() => {
      saving.isDone = true;
    });
    return saving;
  }

  it.each([1000, 4000])(
    "acknowledges a save that takes %i ms without the cache only when no process believes the old copy",
    async (ms) => {
      const { world, first, second } = begin();
      await textOf(world, second);
      expect(world.tally.copiesStored).toBe(1);
      world.cutOff.add(first.process);
      const saving = save(first);
      await run(world, 2000, `swap ${key}`); // it distrusts the cache, and then asks the database
      expect(world.questions.map(({ what }) => what)).toContain(`swap ${key}`);
      for (let passed = 0; passed < ms; passed += 400) {
        await textOf(world, second, `swap ${key}`);
        await run(world, 300, `swap ${key}`);
      }
      while (!saving.isDone) await run(world, 50);
      expect(await textOf(world, second)).toBe("new");
    },
  );

  it.each([true, false])(
    "acknowledges a save whose mark was lost by a restart only when no process believes the old copy (cut off: %s)",
    async (isCutOff) => {
      const { world, first, second } = begin();
      await textOf(world, second);
      const saving = save(first);
      await run(world, 0, `swap ${key}`);
      world.restart();
      await textOf(world, second, `swap ${key}`);
      expect(world.tally.copiesStored, "another process has read the row and copied it").toBe(2);
      if (isCutOff) world.cutOff.add(first.process);
      while (!saving.isDone) await run(world, 50);
      expect(await textOf(world, second)).toBe("new");
    },
  );

  it("leaves no copy under a mark that came back after a restart: another writer may have come and gone since", async () => {
    const { world, first, second } = begin();
    const saving = save(first);
    await run(world, 0, `swap ${key}`);
    const swap = world.questions.find(({ what }) => what === `swap ${key}`);
    if (swap !== undefined) world.move(swap); // the row is written; the answer is still on its way
    world.save();
    world.questions = world.questions.filter((question) => question !== swap);
    let isDone = false;
    void second.engine.update(key, "newest", END, null).then(() => {
      isDone = true;
    });
    while (!isDone) await run(world, 50);
    world.restart();
    swap?.deliver();
    while (!saving.isDone) await run(world, 50);
    expect(await textOf(world, second)).toBe("newest");
  });
});
