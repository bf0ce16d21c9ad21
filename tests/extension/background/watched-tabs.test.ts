/** The background listens only while DevTools is open for some tab. */
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

it("listens from the start, before it knows whether a recorder is there", () => {
  expect(open(false).did).toEqual(["start"]);
});

it("stops when no recorder is there, and starts again when a recorder asks for it", async () => {
  const { watch, did } = open(false);
  await watch.check();
  await watch.check();
  watch.begin();
  expect(did).toEqual(["start", "stop", "start"]);
});

it("keeps listening when a recorder is there, without starting twice", async () => {
  const { watch, did } = open(true);
  watch.begin();
  await watch.check();
  expect(did).toEqual(["start"]);
});

it("does not stop on an answer from before a recorder's request", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { watch, did } = open(promise);
  const check = watch.check();
  watch.begin();
  resolve(false);
  await check;
  expect(did).toEqual(["start"]);
});

it("listens again when hosts are granted, but not without a recorder", async () => {
  const { watch, did } = open(false);
  watch.renew();
  await watch.check();
  watch.renew();
  expect(did).toEqual(["start", "renew", "stop"]);
});
