/** `traceAuthJs`: what it publishes, and that the library and the app get what they would get without it. */
import { authJs, traceAuthJs } from "session-bridge/sources";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type AppCall,
  type AppWrite,
  watchCalls,
} from "../../../server-bridge/src/sources/foreign/app-calls.ts";

const told: (AppCall | AppWrite)[] = [];
let stop = () => {};
const watch = () => {
  stop = watchCalls("Auth.js", (call) => told.push(call));
};
afterEach(() => {
  vi.unstubAllEnvs();
  stop();
  told.length = 0;
});

interface Given {
  token: Record<string, unknown>;
  user?: object;
}
/** A configuration whose callback is `jwt`, and a call of it as the library makes it. */
function configure(jwt: (given: Given) => unknown) {
  const config = traceAuthJs({ providers: [], callbacks: { jwt } });
  return (token: Record<string, unknown>, more: object = {}) => config.callbacks.jwt({ token, ...more });
}

describe("in production, without a bridge", () => {
  beforeEach(() => vi.stubEnv("NODE_ENV", "production"));

  it("returns what it was given, unchanged", () => {
    const callbacks = { jwt: ({ token }: Given) => token };
    const getUser = async () => null;
    const config = { callbacks, adapter: { getUser } };
    expect(traceAuthJs(config)).toBe(config);
    expect(config.callbacks).toBe(callbacks);
    expect(config.adapter.getUser).toBe(getUser);
    const lazy = () => config;
    expect(traceAuthJs(lazy)).toBe(lazy);
  });

  it("follows a configuration that is made after a bridge was opened on purpose", () => {
    watch();
    configure(({ token }) => Object.assign(token, { role: "buyer" }))({});
    expect(told).toEqual([{ name: "write", key: "role" }]);
  });
});

describe("in development", () => {
  it("does what the app's code does, and publishes nothing, until there is a bridge", async () => {
    const given: unknown[] = [];
    const made = {
      callbacks: { jwt: (one: Given) => given.push(one, Object.getPrototypeOf(one.token)) },
      adapter: { getSessionAndUser: async (key: string) => ({ session: { sessionToken: key } }) },
    };
    const traced = await traceAuthJs(async () => made)();
    expect(traced).toBe(made);
    const use = async (one: Given) => {
      traced.callbacks.jwt(one);
      expect(await traced.adapter.getSessionAndUser("a-token")).toEqual({
        session: { sessionToken: "a-token" },
      });
    };
    const first = { token: {} };
    await use(first);
    expect(given[0]).toBe(first);
    expect(given[1]).toBe(Object.prototype);
    expect(told).toEqual([]);
    watch();
    await use({ token: {} });
    expect(told).toMatchObject([{ name: "load", key: "a-token" }]);
    stop();
    await use({ token: {} });
    expect(told).toHaveLength(1);
  });

  it("leaves a call that failed to the app alone, which is told if it does not wait for it", () => {
    const failing = Promise.reject(new Error("no database"));
    const then = vi.spyOn(failing, "then");
    const { adapter } = traceAuthJs({ adapter: { deleteSession: () => failing } });
    expect(adapter.deleteSession()).toBe(failing);
    expect(then).not.toHaveBeenCalled();
    failing.catch(() => {});
  });

  it("follows a configuration that was made before the bridge was opened", () => {
    const call = configure(({ token }) => Object.assign(token, { role: "buyer" }));
    const lazy = traceAuthJs(() => ({
      callbacks: { jwt: ({ token }: Given) => Object.assign(token, { id: 1 }) },
    }));
    watch();
    call({});
    lazy().callbacks.jwt({ token: {} });
    expect(told).toEqual(["role", "id"].map((key) => ({ name: "write", key })));
  });
});

describe("with a bridge", () => {
  beforeEach(watch);

  it("wraps a configuration once, however often it is passed or returned", () => {
    const config = { callbacks: { jwt: ({ token }: Given) => Object.assign(token, { role: "buyer" }) } };
    const lazy = traceAuthJs(() => config);
    lazy();
    traceAuthJs(lazy()).callbacks.jwt({ token: {} });
    expect(told).toEqual([{ name: "write", key: "role" }]);
  });

  it("leaves a frozen configuration as it is", () => {
    const config = Object.freeze({ callbacks: { jwt: ({ token }: Given) => token } });
    expect(traceAuthJs(config)).toBe(config);
  });

  it("publishes what is done to sessions in a database, with the user, and without the key among the data", async () => {
    const user = { id: 123, name: "john_doe" };
    const expires = new Date("2030-01-01");
    const session = { sessionToken: "a-token", userId: 123, expires };
    class Adapter {
      getUser = async () => user;
      createSession = async (given: object) => given;
      getSessionAndUser = async (_token: string): Promise<unknown> => ({ session, user });
      updateSession = async (given: object) => given;
      deleteSession = async (_token: string) => undefined;
    }
    const adapter = new Adapter();
    const traced = traceAuthJs({ adapter });
    await traced.adapter.getUser();
    expect(await traced.adapter.createSession(session)).toBe(session);
    await traced.adapter.getSessionAndUser("a-token");
    await traced.adapter.updateSession({ sessionToken: "a-token", expires });
    await traced.adapter.deleteSession("a-token");
    const end = expires.toISOString();
    const data = { userId: 123, expires: end, user };
    const durationMs = expect.any(Number);
    expect(told).toEqual([
      { name: "create", key: "a-token", data, durationMs },
      { name: "load", key: "a-token", data, durationMs },
      { name: "save", key: "a-token", data: { expires: end }, partial: true, durationMs },
      { name: "delete", key: "a-token", data: null, durationMs },
    ]);
    expect(traced.adapter).toBe(adapter);
  });

  it.each(["before", "after"])(
    "reports no call of the bridge itself, opened %s the app's line",
    async (when) => {
      const expires = new Date(Date.now() + 60_000);
      let isThere = true;
      const adapter = {
        getSessionAndUser: async (sessionToken: string) =>
          isThere ? { session: { sessionToken, userId: "123", expires }, user: { id: "123" } } : null,
        async deleteSession() {
          isThere = false;
        },
      };
      const early = when === "before" ? authJs({ adapter }) : null;
      traceAuthJs({ adapter });
      const source = early ?? authJs({ adapter });
      const key = "a-token-of-a-session" as Parameters<typeof source.read>[0]; // proven, in a bridge
      const found = await source.read(key);
      expect(found).toMatchObject({ found: true });
      await source.flush?.(key, found.found ? found.view.stored : "");
      expect(await source.read(key)).toMatchObject({ found: false });
      expect(told).toEqual([]);
      await adapter.getSessionAndUser(key);
      expect(told).toMatchObject([{ name: "load", key }]);
    },
  );

  it("leaves an adapter of a class what it is: its private fields, its own identity, and what is listed of it", async () => {
    class Adapter {
      #rows = new Map([["a-token", { userId: 123 }]]);
      listed = async () => this.#rows.size;
      async getSessionAndUser(key: string) {
        return { session: { sessionToken: key, ...this.#rows.get(key) } };
      }
      count() {
        return this.#rows.size;
      }
      isItself(other: unknown) {
        return this === other;
      }
    }
    const adapter = new Adapter();
    const keys = Object.keys(adapter);
    const config = traceAuthJs({ adapter });
    expect(config.adapter.count()).toBe(1);
    expect(config.adapter.isItself(adapter)).toBe(true);
    expect(await config.adapter.getSessionAndUser("a-token")).toEqual({
      session: { sessionToken: "a-token", userId: 123 },
    });
    expect(Object.keys(adapter)).toEqual(keys);
    expect(told).toMatchObject([{ name: "load", key: "a-token", data: { userId: 123 } }]);
  });

  it("wraps an adapter once, whatever configurations it is in, and skips what cannot be replaced", async () => {
    const adapter = { getSessionAndUser: async (key: string) => ({ session: { sessionToken: key } }) };
    traceAuthJs({ adapter });
    await traceAuthJs({ adapter }).adapter.getSessionAndUser("a-token");
    expect(told).toHaveLength(1);
    const frozen = Object.freeze({ deleteSession: async () => "gone" });
    expect(await traceAuthJs({ adapter: frozen }).adapter.deleteSession()).toBe("gone");
    expect(told).toHaveLength(1);
  });

  it("does not start a query that waits for its reader", async () => {
    let started = 0;
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: as query builders have it
      then(done: (row: unknown) => unknown) {
        started += 1;
        return Promise.resolve(null).then(done);
      },
    };
    const { adapter } = traceAuthJs({ adapter: { getSessionAndUser: (_key: string) => query } });
    expect(adapter.getSessionAndUser("a-token")).toBe(query);
    expect(started).toBe(0);
    expect(told).toEqual([]);
  });

  it("publishes no call that failed", async () => {
    const error = new Error("no database");
    const { adapter } = traceAuthJs({ adapter: { deleteSession: () => Promise.reject(error) } });
    await expect(adapter.deleteSession()).rejects.toBe(error);
    expect(told).toEqual([]);
  });
});
