/** Large texts are imported in slices, with progress, and can be stopped; invalid ones are refused with a reason. */
import { effect } from "@preact/signals";
import { describe, expect, it, onTestFinished } from "vitest";
import { readHistoryEntries } from "../../../../extension/logic/history/history-entries.ts";
import { SLICE } from "../../../../extension/logic/slices.ts";
import { createModels } from "../../../../extension/models/index.ts";
import { createMemoryWorld, fillCookie, fillRequest } from "../../../panel/memory-ports/world.ts";
import { finish } from "../../logic/finish.ts";

/** A panel with a clock on which every slice takes long, so that it draws after each. */
function start() {
  let now = Date.UTC(2026, 10, 23);
  const clock = {
    now: () => {
      now += 20;
      return now;
    },
    every: (_: number, tick: () => void) => {
      const timer = setInterval(tick);
      return () => clearInterval(timer);
    },
  };
  const world = createMemoryWorld({ clock });
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  const shares: number[] = [];
  const end = effect(() => {
    const share = models.exchange.progress.value;
    if (share !== null) shares.push(share);
  });
  onTestFinished(end);
  return { world, models, shares };
}

/** A history with this many requests, the newest first. */
function historyOf(count: number, padding = ""): string {
  const requests = Array.from({ length: count }, (_, index) =>
    fillRequest({ id: `r${index}`, at: count - index, url: `http://localhost:8000/${index}?${padding}` }),
  );
  return JSON.stringify({
    format: "sessions-devtools-history",
    version: 1,
    requests,
    traces: [],
    cookies: [],
  });
}

const cookiesOf = (count: number, padding = ""): string =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => ({
      name: `c${index}`,
      value: padding,
      domain: "localhost",
    })),
  );

describe("a large history", () => {
  it("is read in slices of few rows at any size", () => {
    const text = historyOf(30_000, "x".repeat(900));
    expect(text.length).toBeGreaterThan(30_000_000);
    const shares: number[] = [];
    const read = finish(readHistoryEntries(text), (share) => shares.push(share));
    expect(read).toMatchObject({ leftOut: 0, older: 20_000 });
    expect(shares.length).toBeGreaterThanOrEqual(30_000 / SLICE);
    expect(shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1)).toBe(true);
  });

  it("is opened with progress, with its newest rows", async () => {
    const { models, shares } = start();
    expect(await models.exchange.open(historyOf(12_000))).toBe("opened");
    expect(shares.length).toBeGreaterThan(10);
    expect(models.exchange.progress.value).toBeNull();
    const rows = models.exchange.opened.value ?? [];
    expect(rows).toHaveLength(10_000);
    expect(rows.at(-1)).toMatchObject({ id: "r0", number: 10_000 });
    expect(models.undo.offered.value?.text).toContain("2000 rows, the oldest");
  });

  it("changes nothing on screen when it is stopped", async () => {
    const { models, shares } = start();
    expect(await models.exchange.open(historyOf(3))).toBe("opened");
    const before = models.exchange.opened.value;
    const opening = models.exchange.open(historyOf(12_000));
    await expect.poll(() => shares.length).toBeGreaterThan(1);
    models.exchange.stop();
    expect(await opening).toBe("stopped");
    expect(models.exchange.opened.value).toBe(before);
    expect(models.exchange.progress.value).toBeNull();
  });
});

describe("a large file of cookies", () => {
  it.each([
    ["JSON", cookiesOf(20_000, "x".repeat(1_500))],
    ["storageState", `{"cookies":${cookiesOf(20_000, "x".repeat(1_500))}}`],
    ["cookies.txt", "localhost\tFALSE\t/\tFALSE\t0\ta\tb\n".repeat(1_000_000)],
    ["a header", "a=b; ".repeat(6_000_000)],
  ])("is read in slices, and can be stopped: %s", async (_, text) => {
    expect(text.length).toBeGreaterThanOrEqual(29_000_000);
    const { models, shares } = start();
    const reading = models.exchange.read(text);
    await expect.poll(() => shares.length).toBeGreaterThan(1);
    models.exchange.stop();
    expect(await reading).toBeNull();
  });

  it("is set one by one, and undo removes what was set before it was stopped", async () => {
    const { world, models } = start();
    world.setCookies([fillCookie({ id: "k", name: "kept", value: "yes" })]);
    const write = world.ports.cookies.write;
    let writes = 0;
    world.ports.cookies.write = async (...given) => {
      writes += 1;
      if (writes === 5) models.exchange.stop();
      return write(...given);
    };
    const read = await models.exchange.read(cookiesOf(100));
    await models.exchange.setCookies(read?.cookies ?? []);
    expect(writes).toBe(5);
    expect(models.undo.offered.value?.text).toContain("Set 5 of 100 cookies");
    await models.undo.undo();
    expect(world.cookies.cookies.map(({ name }) => name)).toEqual(["kept"]);
  });
});

it("cookies before and after a write that throws are set, reported by line, and undone", async () => {
  const { world, models } = start();
  const { write } = world.ports.cookies;
  world.ports.cookies.write = async (cookie, replaces) => {
    if (cookie.name === "c1") throw new Error("the background is gone");
    return write({ ...cookie, id: cookie.name }, replaces);
  };
  const read = await models.exchange.read(cookiesOf(3));
  await models.exchange.setCookies(read?.cookies ?? []);
  expect(world.cookies.cookies.map(({ name }) => name)).toEqual(["c0", "c2"]);
  expect(models.undo.offered.value).toEqual({
    text: "Set 2 of 3 cookies. c1: The browser did not answer: the background is gone",
    undo: true,
  });
  const { remove } = world.ports.cookies;
  world.ports.cookies.remove = async (cookie) => {
    if (cookie.name === "c0") throw new Error("the background is gone");
    return remove(cookie);
  };
  await models.undo.undo();
  expect(world.cookies.cookies.map(({ name }) => name)).toEqual(["c0"]);
  expect(models.undo.offered.value?.text).toContain("Not undone: c0.");
});

it("cookies that arrive while others are being set are not set, and the others are reported once", async () => {
  const { world, models } = start();
  const told: string[] = [];
  onTestFinished(
    effect(() => {
      const offered = models.undo.offered.value;
      if (offered !== null) told.push(offered.text);
    }),
  );
  const { write } = world.ports.cookies;
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  world.ports.cookies.write = async (cookie, replaces) => {
    await gate;
    return write({ ...cookie, id: cookie.name }, replaces);
  };
  const cookies = (await models.exchange.read(cookiesOf(3)))?.cookies ?? [];
  const first = models.exchange.setCookies(cookies.slice(0, 2));
  const second = models.exchange.setCookies(cookies.slice(2));
  goOn();
  await Promise.all([first, second]);
  expect(world.cookies.cookies.map(({ name }) => name)).toEqual(["c0", "c1"]);
  expect(told).toEqual(["Set 2 of 2 cookies"]);
});

describe("a text that cannot be used", () => {
  const head = '{"format":"sessions-devtools-history","version":1,"requests":';
  const deep = "[".repeat(1_000_000);
  it.each([
    ["cut short", `${head}[`, "not JSON"],
    ["with a secret at its mistake", `${head}[hunter2]`, "not JSON"],
    ["a million lists deep, cut short", head + deep, "not JSON"],
    ["without its lists", `${head}1}`, "a list is missing"],
  ])("is refused with a reason: %s", async (_, text, reason) => {
    const { models } = start();
    const ended = await models.exchange.open(text);
    expect(ended).toEqual({ problem: expect.stringContaining(reason) });
    expect(JSON.stringify(ended)).not.toContain("hunter2");
    expect(models.exchange.opened.value).toBeNull();
  });

  it("is opened without the rows that are a million levels deep", async () => {
    const { models } = start();
    const row = deep + "]".repeat(1_000_000);
    expect(await models.exchange.open(`${head}[${row}],"traces":[${row}],"cookies":[]}`)).toBe("opened");
    expect(models.exchange.opened.value).toEqual([]);
  });

  it.each([
    ["[", "not JSON"],
    [`${deep}${"]".repeat(1_000_000)}`, "is not an object"],
    ['[{"name":"hunter2"', "not JSON"],
    [`[${Array.from({ length: 500 }, () => "{}").join(",")}]`, "480 more could not be read."],
  ])("returns sentences instead of cookies", async (text, reason) => {
    const { models } = start();
    const read = await models.exchange.read(text);
    expect(read?.cookies).toEqual([]);
    expect(read?.problems.length).toBeLessThan(25);
    expect(read?.problems.join(" ")).toContain(reason);
    expect(read?.problems.join(" ")).not.toContain("hunter2");
  });
});
