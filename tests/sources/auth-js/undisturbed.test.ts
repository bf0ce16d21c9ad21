/** The token that the app's `jwt` callback gets while a bridge listens: whatever the app does with it, it is the token. */
import { inspect, isDeepStrictEqual } from "node:util";
import { decodeJwt, EncryptJWT, SignJWT } from "jose";
import { traceAuthJs } from "session-bridge/sources";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type AppCall,
  type AppWrite,
  watchCalls,
} from "../../../server-bridge/src/sources/foreign/app-calls.ts";

type Token = Record<string, unknown>;

const told: (AppCall | AppWrite)[] = [];
let stop = () => {};
beforeEach(() => {
  stop = watchCalls("Auth.js", (call) => told.push(call));
});
afterEach(() => {
  stop();
  told.length = 0;
});
const written = () => told.map(({ key }) => key);

/** Calls a traced callback as the library does. */
function callback<Result>(token: Token, jwt: (token: Token) => Result): Result {
  const config = traceAuthJs({ callbacks: { jwt: (given: { token: Token }) => jwt(given.token) } });
  return config.callbacks.jwt({ token });
}

const make = (): Token => ({ sub: "123", name: "john_doe", roles: { shop: ["buyer"] } });

/** What an app may do with its token; some of it writes. */
const USES: Record<string, (token: Token) => unknown> = {
  structuredClone: (token) => structuredClone(token),
  "JSON.stringify": (token) => JSON.stringify(token),
  "the spread": (token) => ({ ...token }),
  "Object.keys and Object.entries": (token) => [Object.keys(token), Object.entries(token)],
  "for … in": (token) => {
    const found: string[] = [];
    for (const key in token) found.push(key);
    return found;
  },
  "in and hasOwn": (token) => [
    "sub" in token,
    "role" in token,
    Object.hasOwn(token, "name"),
    "toString" in token,
  ],
  "instanceof Object": (token) => [
    token instanceof Object,
    Object.prototype.isPrototypeOf.call(Object.prototype, token),
  ],
  "a check for a plain object": (token) => {
    const prototype = Object.getPrototypeOf(token);
    return [
      Object.getPrototypeOf(prototype),
      Object.hasOwn(prototype, "constructor"),
      token.constructor === Object,
    ];
  },
  "a deep comparison": (token) => isDeepStrictEqual(token, make()),
  "console.log": (token) => inspect({ token }, { depth: 5 }),
  String: (token) => String(token),
  "jose's signature": (token) =>
    new SignJWT(token).setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32)).then(decodeJwt),
  "jose's encryption": (token) =>
    new EncryptJWT(token)
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(new Uint8Array(32))
      .then((text) => text.split(".").length),
  "an object that inherits from it": (token) => {
    const child: Token = Object.create(token);
    Object.assign(child, { sub: "7", theme: "dark" });
    return [Object.entries(child), token["sub"], "theme" in token];
  },
  "a copy of its properties that outlives it": (token) => {
    const copy: Token = Object.defineProperties({}, Object.getOwnPropertyDescriptors(token));
    copy["sub"] = "7";
    return [{ ...copy }, token["sub"]];
  },
  "a claim that is deleted and written again": (token) => {
    delete token["sub"];
    const without = Object.keys(token);
    token["sub"] = "7";
    return [without, Object.entries(token)];
  },
  "Object.freeze": (token) => {
    Object.freeze(token);
    return [Object.isFrozen(token), Reflect.set(token, "role", "buyer"), { ...token }];
  },
};

describe("while a bridge listens", () => {
  it.each(Object.entries(USES))("%s gives what it gives without", async (_name, use) => {
    const [watched, plain] = [make(), make()];
    const seen: unknown[] = [];
    callback(watched, (token) => seen.push(use(token)));
    expect(await seen[0]).toStrictEqual(await use(plain));
    expect(Object.entries(watched)).toStrictEqual(Object.entries(plain)); // in the same order
  });

  it("the callback gets the token itself, and what it returns reaches the library untouched", async () => {
    const token = make();
    callback(token, (given) => expect(given).toBe(token));
    expect(callback(token, (given) => given)).toBe(token);
    const later = Promise.resolve(token);
    expect(callback(token, () => later)).toBe(later);
    expect(callback(token, () => null)).toBe(null);
  });

  it("names each write of a claim that is there or new, and a plain object comes out of it", () => {
    const token = make();
    callback(token, (given) => {
      given["name"] = "ada";
      given["role"] = "buyer";
      Object.assign(given, { theme: "dark" });
      delete given["sub"];
    });
    token["name"] = "no one's line";
    token["late"] = true;
    expect(written()).toEqual(["name", "role", "theme"]);
    const plain = { name: "no one's line", roles: make()["roles"], role: "buyer", theme: "dark", late: true };
    expect(Object.getOwnPropertyDescriptors(token)).toEqual(Object.getOwnPropertyDescriptors(plain));
    expect(Object.keys(token)).toEqual(Object.keys(plain));
    expect(Object.getPrototypeOf(token)).toBe(Object.prototype);
  });

  it("writes to other objects are not taken for the token's", () => {
    let copy: Token = {};
    callback(make(), (token) => {
      copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(token));
      Object.assign(Object.create(token), { sub: "7", theme: "dark" });
      Object.assign(copy, { sub: "7", theme: "dark" });
    });
    copy["sub"] = "8";
    expect(written()).toEqual([]);
  });

  it("a token that the callback froze reports nothing afterwards", () => {
    const token = make();
    callback(token, Object.freeze);
    expect(Reflect.set(token, "role", "buyer")).toBe(false);
    Reflect.set(token, "sub", "7");
    expect(written()).toEqual([]);
  });

  it("a callback that waits is followed until it is done, and the library continues with a plain object", async () => {
    const token = make();
    const { promise, resolve } = Promise.withResolvers<void>();
    const result = callback(token, async (given) => {
      await promise;
      given["role"] = "buyer";
      return given;
    });
    expect(Object.getPrototypeOf(token)).not.toBe(Object.prototype);
    resolve();
    const made = await result;
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(made, "sub")).toHaveProperty("value", "123");
    expect(written()).toEqual(["role"]);
  });

  it("a callback that fails leaves a plain object too, and its own error", async () => {
    const error = new Error("no such user");
    const [one, other] = [make(), make()];
    expect(() =>
      callback(one, () => {
        throw error;
      }),
    ).toThrow(error);
    await expect(callback(other, () => Promise.reject(error))).rejects.toBe(error);
    for (const token of [one, other]) {
      expect(Object.getPrototypeOf(token)).toBe(Object.prototype);
      expect(Object.getOwnPropertyDescriptors(token)).toEqual(Object.getOwnPropertyDescriptors(make()));
    }
  });

  it.each([
    [0, 1],
    [1, 0],
  ])("two callbacks with the same token end in any order: %i first", async (first, second) => {
    const token = make();
    const waits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const results = waits.map(({ promise }, index) =>
      callback(token, async (given) => {
        given["sub"] = String(index);
        await promise;
        given[`by${index}`] = true;
      }),
    );
    waits[first]?.resolve();
    await results[first];
    expect(token["sub"]).toBe("1");
    waits[second]?.resolve();
    await results[second];
    expect(written()).toEqual(["sub", "sub", `by${first}`, `by${second}`]);
    expect(Object.getPrototypeOf(token)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(token, "sub")).toHaveProperty("value", "1");
  });

  it.each([Object.freeze, Object.seal, Object.preventExtensions])(
    "a token after %o is left alone",
    (close: (token: Token) => unknown) => {
      const token = make();
      close(token);
      const before = Object.getOwnPropertyDescriptors(token);
      callback(token, (given) => {
        expect(Object.getOwnPropertyDescriptors(given)).toEqual(before);
        expect(Object.getPrototypeOf(given)).toBe(Object.prototype);
      });
    },
  );

  it("a token without a prototype, or of a class, keeps what it has", () => {
    class Claims {
      sub = "123";
    }
    for (const token of [new Claims(), Object.assign(Object.create(null), { sub: "123" })]) {
      const prototype = Object.getPrototypeOf(token);
      callback(token, (given) => {
        expect(Object.getPrototypeOf(given)).toBe(prototype);
        given["sub"] = "7";
      });
      expect({ ...token }).toEqual({ sub: "7" });
    }
    expect(written()).toEqual(["sub", "sub"]);
  });
});
