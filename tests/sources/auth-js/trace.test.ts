/** `traceAuthJs`: what it publishes, and that the library and the app get what they would get without it. */
import { traceAuthJs } from "session-bridge/sources";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

describe("without a bridge", () => {
  it("returns what it was given, unchanged", () => {
    const callbacks = { jwt: ({ token }: Given) => token };
    const adapter = { getUser: async () => null };
    const config = { callbacks, adapter };
    expect(traceAuthJs(config)).toBe(config);
    expect(config.callbacks).toBe(callbacks);
    expect(config.adapter).toBe(adapter);
  });

  it("leaves the result of a function alone", async () => {
    const made = { callbacks: { jwt: ({ token }: Given) => token } };
    const { jwt } = made.callbacks;
    expect(await traceAuthJs(async () => made)()).toBe(made);
    expect(made.callbacks.jwt).toBe(jwt);
  });
});

describe("with a bridge", () => {
  beforeEach(watch);

  it("publishes each claim that the callback writes or deletes, and nothing that is written later", () => {
    let kept: Record<string, unknown> = {};
    const call = configure(({ token }) => {
      token["role"] = "buyer";
      Object.assign(token, { theme: "dark" });
      delete token["old"];
      kept = token;
      return token;
    });
    expect(call({ sub: "123", old: 1 })).toEqual({ sub: "123", role: "buyer", theme: "dark" });
    kept["late"] = true;
    expect(told).toEqual(["role", "theme", "old"].map((key) => ({ name: "write", key })));
  });

  it("gives the library the token itself, which can be cloned, wherever the callback returns it", async () => {
    const token = { sub: "123" };
    expect(configure((given) => given.token)(token)).toBe(token);
    expect(await configure(async (given) => given.token)(token)).toBe(token);
    const nested = configure((given) => ({ ...given.token, before: [given.token] }))(token);
    expect(structuredClone(nested)).toEqual({ sub: "123", before: [{ sub: "123" }] });
    const own = { sub: "7" };
    expect(configure(() => own)(token)).toBe(own);
    expect(configure(() => null)(token)).toBe(null);
  });

  it("shows the callback the token and everything else as they are", () => {
    const user = { id: "123" };
    const call = configure(function (this: unknown, given) {
      expect({ ...given.token }).toEqual({ sub: "123" });
      expect(JSON.stringify(given.token)).toBe('{"sub":"123"}');
      expect(Object.keys(given.token)).toEqual(["sub"]);
      expect(given.user).toBe(user);
      return given.token;
    });
    call({ sub: "123" }, { user });
  });

  it("passes the callback's errors on", async () => {
    const error = new Error("no such user");
    expect(() =>
      configure(() => {
        throw error;
      })({}),
    ).toThrow(error);
    await expect(configure(() => Promise.reject(error))({})).rejects.toBe(error);
  });

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
      other() {
        return this;
      }
    }
    const adapter = new Adapter();
    const { createSession } = adapter;
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
    expect(adapter.createSession).toBe(createSession); // the bridge's own calls are not the app's
    expect(traced.adapter.other()).toBe(traced.adapter);
  });

  it("publishes no call that failed", async () => {
    const error = new Error("no database");
    const { adapter } = traceAuthJs({ adapter: { deleteSession: () => Promise.reject(error) } });
    await expect(adapter.deleteSession()).rejects.toBe(error);
    expect(told).toEqual([]);
  });
});
