/** Observed requests from the background to the recorder: nothing is lost when either is late, stopped or gone. */
import { describe, expect, it } from "vitest";
import {
  createSightingsOutbox,
  type SightingsOutbox,
} from "../../../extension/background/sightings-outbox.ts";
import type { Sighting } from "../../../extension/messages/sighting.ts";
import { openSightingsInbox } from "../../../extension/recorder/sightings-inbox.ts";
import { createFakeStorage } from "../fake-storage.ts";

const TAB = 7;

function sighting(count: number): Sighting {
  return {
    requestId: `${count}`,
    phase: "started",
    at: count,
    method: "GET",
    url: `http://app.test/${count}`,
    type: "xmlhttprequest",
    status: null,
    sentCookies: null,
    setCookies: [`sessionid=canary-${count}`],
    traceId: null,
    fromCache: false,
    error: null,
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

function open() {
  const fake = createFakeStorage();
  const recorders = new Set<number>();
  let time = 1_000_000;
  let forgotten = 0;
  const taken: number[] = [];
  const bids: number[] = [];

  /** A background that has just started; what an earlier one had in memory is lost. */
  const start = (): SightingsOutbox =>
    createSightingsOutbox({
      storage: fake.storage.session,
      now: () => time,
      isThere: async (tabId) => recorders.has(tabId),
      forgot: () => {
        forgotten += 1;
      },
    });
  const record = async (tabId = TAB) => {
    recorders.add(tabId);
    return openSightingsInbox({
      storage: fake.storage,
      tabId,
      see: ({ at }) => void taken.push(at),
      bid: async () => bids.push(tabId),
    });
  };
  return {
    fake,
    start,
    record,
    taken,
    bids,
    close: (tabId = TAB) => recorders.delete(tabId),
    pass: (ms: number) => {
      time += ms;
    },
    forgotten: () => forgotten,
  };
}

describe("the way from the background to the recorder", () => {
  it("delivers everything once, in order, and leaves nothing behind", async () => {
    const { start, record, taken, fake } = open();
    await record();
    const outbox = start();
    for (const count of range(0, 500)) outbox.push(TAB, sighting(count));
    await outbox.settled();
    expect(taken).toEqual(range(0, 500));
    expect(fake.keys()).toEqual([`watched:${TAB}`]);
  });

  it("loses nothing that was stored when the background is stopped, and keeps the order after it", async () => {
    const { start, record, taken, pass } = open();
    await record();
    const first = start();
    for (const count of range(0, 10)) first.push(TAB, sighting(count));
    await first.settled();
    pass(1);
    const second = start();
    for (const count of range(10, 20)) second.push(TAB, sighting(count));
    await second.settled();
    expect(taken).toEqual(range(0, 20));
  });

  it("keeps nothing about a tab that no recorder watches", async () => {
    const { start, record, taken, fake } = open();
    await record(8);
    const outbox = start();
    outbox.push(TAB, sighting(1));
    await outbox.settled();
    expect(taken).toEqual([]);
    expect(fake.json()).not.toContain("canary");
  });

  it("forgets a tab whose DevTools was closed while the background slept", async () => {
    const { start, record, close, fake, forgotten } = open();
    const stop = await record();
    await stop();
    await fake.storage.session.set({ [`watched:${TAB}`]: true }); // the recorder ended without notice
    close();
    const outbox = start();
    outbox.push(TAB, sighting(1));
    await outbox.settled();
    expect(fake.keys()).toEqual([]);
    expect(forgotten()).toBe(1);
    expect(await outbox.isWatching()).toBe(false);
  });

  it("continues after the storage was full for a while", async () => {
    const { start, record, taken, fake } = open();
    await record();
    const outbox = start();
    fake.setFull(true);
    for (const count of range(0, 5)) outbox.push(TAB, sighting(count));
    await outbox.settled();
    fake.setFull(false);
    outbox.push(TAB, sighting(5));
    await outbox.settled();
    expect(taken).toEqual(range(0, 6));
  });

  it("is bounded while the storage stays full: the oldest are dropped first", async () => {
    const { start, record, taken, fake } = open();
    await record();
    const outbox = start();
    fake.setFull(true);
    for (const count of range(0, 5_000)) {
      outbox.push(TAB, sighting(count));
      if (count % 1_000 === 999) await outbox.settled();
    }
    fake.setFull(false);
    outbox.push(TAB, sighting(5_000));
    await outbox.settled();
    expect(taken.at(0)).toBe(3_000);
    expect(taken.at(-1)).toBe(5_000);
  });

  it("registers again if the background considered it gone", async () => {
    const { start, record, fake, bids } = open();
    await record();
    await start().forget(TAB);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fake.keys()).toEqual([`watched:${TAB}`]);
    expect(bids).toEqual([TAB, TAB]);
  });

  it("starts with new requests, not with what an earlier DevTools left", async () => {
    const { start, record, taken, fake } = open();
    await fake.storage.session.set({ [`waiting:${TAB}:000000000000001:000001`]: [sighting(1)] });
    await record();
    const outbox = start();
    outbox.push(TAB, sighting(2));
    await outbox.settled();
    expect(taken).toEqual([2]);
  });
});
