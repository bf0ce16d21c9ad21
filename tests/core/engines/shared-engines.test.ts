/** One engine, database or cache for two `createSessions`: refused when the second one is made. */
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import {
  cache,
  cachedDatabase,
  createSessions,
  database,
  type Engine,
  file,
  fromExpressStore,
  isSessionError,
  memory,
  signedCookies,
  sqlite,
} from "session-bridge";
import { describe, expect, it } from "vitest";
import { again, elsewhere } from "./again.ts";

const { MemoryStore } = createRequire(import.meta.url)("express-session");
const on = (engine: Engine, cookieAge = 60) =>
  createSessions({ secretKey: "a secret", engine, cookieAge, log: () => {} });

const ENGINES: readonly (() => Engine)[] = [
  () => database("sqlite::memory:"),
  () => cache("memory:"),
  () => cachedDatabase("memory:", "sqlite::memory:"),
  () => file(tmpdir()),
  () => signedCookies(),
  () => fromExpressStore(new MemoryStore()),
];
/** An engine of a user, whose `start` does nothing with the context. */
const makeOwn = () => elsewhere(database("sqlite::memory:"));

/** What a failing call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return null;
}

/** Expects the error that names what is shared. */
function expectRefused(call: () => unknown, what: string): void {
  const error = thrownBy(call);
  expect(isSessionError(error, "settings")).toBe(true);
  expect(String(error)).toContain(`createSessions: ${what} already belongs to another createSessions`);
  expect(String(error)).toContain("Make a new one for each");
}

describe.each([...ENGINES, makeOwn].map((make) => ({ name: make().name, make })))(
  "an engine ($name)",
  ({ name, make }) => {
    it("belongs to one createSessions, with whose settings it works", () => {
      const engine = make();
      on(engine);
      expectRefused(() => on(engine, 3600), `the engine (${name})`);
      expect(() => on(make(), 3600)).not.toThrow();
    });

    it("is not used again after close()", async () => {
      const engine = make();
      await on(engine).close();
      expectRefused(() => on(engine), `the engine (${name})`);
    });
  },
);

it.each(ENGINES.map((make) => ({ name: make().name, make })))(
  "an engine inside a user's own belongs to that one's createSessions ($name)",
  ({ name, make }) => {
    const engine = make();
    on(again(engine));
    expectRefused(() => on(again(engine)), `the engine (${name})`);
    expectRefused(() => on(engine), `the engine (${name})`);
  },
);

describe("a part of an engine", () => {
  it("belongs to it: a database", () => {
    const shared = sqlite("sqlite::memory:");
    on(database(shared));
    expectRefused(() => on(database(shared)), "the database of an engine");
    expectRefused(() => on(cachedDatabase("memory:", shared)), "the database of an engine");
  });

  it("belongs to it: a cache", () => {
    const shared = memory();
    on(cachedDatabase(shared, "sqlite::memory:"));
    expectRefused(() => on(cachedDatabase(shared, "sqlite::memory:")), "the cache of an engine");
    expectRefused(() => on(cache(shared, { keyPrefix: "other" })), "the cache of an engine");
  });
});

it("an engine that could not start may be started again", () => {
  const engine = makeOwn();
  const failing = () => {
    throw new Error("the disk is not there yet");
  };
  const late = new Proxy(engine, {
    get: (_, name) => (name === "start" ? start : Reflect.get(engine, name)),
  });
  let start: () => void = failing;
  expect(() => on(late)).toThrow("the disk is not there yet");
  start = () => {};
  expect(() => on(late)).not.toThrow();
});
