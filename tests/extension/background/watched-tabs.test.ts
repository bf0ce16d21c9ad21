/** The background listens while DevTools is open somewhere, and otherwise not at all. */
import { expect, it } from "vitest";
import { createWatchedTabs } from "../../../extension/background/watched-tabs.ts";

function open(watching: boolean | Promise<boolean>) {
  const did: string[] = [];
  const watch = createWatchedTabs({
    start: () => did.push("start"),
    renew: () => did.push("renew"),
    stop: () => did.push("stop"),
    isWatching: async () => watching,
  });
  return { watch, did };
}

it("listens from its first turn, before it knows whether anybody is there", () => {
  expect(open(false).did).toEqual(["start"]);
});

it("stops when no one is there, and begins again when a recorder bids it", async () => {
  const { watch, did } = open(false);
  await watch.check();
  await watch.check();
  watch.begin();
  expect(did).toEqual(["start", "stop", "start"]);
});

it("goes on when somebody is there, without beginning twice", async () => {
  const { watch, did } = open(true);
  watch.begin();
  await watch.check();
  expect(did).toEqual(["start"]);
});

it("does not stop on an answer that was overtaken by a recorder's bid", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { watch, did } = open(promise);
  const check = watch.check();
  watch.begin();
  resolve(false);
  await check;
  expect(did).toEqual(["start"]);
});

it("listens again when hosts are granted, but not while no one is there", async () => {
  const { watch, did } = open(false);
  watch.renew();
  await watch.check();
  watch.renew();
  expect(did).toEqual(["start", "renew", "stop"]);
});
