/** Types: data by a type parameter, by declaration merging, or untyped. The compiler checks most of this file. */
import type { IncomingMessage } from "node:http";
import { cache, createSessions, memory, type Session, type SessionShape } from "session-bridge";
import type { RequestWithSession } from "session-bridge/node";
import { describe, expect, expectTypeOf, it } from "vitest";

interface MyData {
  user_id: number;
  cart: string[];
}

const makeOptions = () => ({ secretKey: "types", engine: cache(memory()) });

describe("createSessions<MyData>()", () => {
  const session = createSessions<MyData>(makeOptions()).open();

  it("types get, set and index access", () => {
    expectTypeOf(session.get("user_id")).toEqualTypeOf<number | undefined>();
    expectTypeOf(session.get("cart", [])).toEqualTypeOf<string[] | never[]>();
    expectTypeOf(session.user_id).toEqualTypeOf<number | undefined>();
    expectTypeOf(session.setDefault("cart", [])).toEqualTypeOf<string[]>();
    session.user_id = 5;
    session["cart"] = ["a"];
    session.change("user_id", (id = 0) => id + 1);
    expect(session.user_id).toBe(6);
  });

  it("types what users.of may read", () => {
    createSessions<MyData>({
      ...makeOptions(),
      users: {
        of: (session) => {
          expectTypeOf(session.get("user_id")).toEqualTypeOf<number | undefined>();
          // @ts-expect-error: there is no such key
          session.get("usr_id");
          return session.get("user_id");
        },
      },
    });
    createSessions({ ...makeOptions(), users: { of: (session) => session.get("user_id") } });
  });

  it("refuses names and values that are not declared", () => {
    // @ts-expect-error: user_id is a number
    session.set("user_id", "five");
    // @ts-expect-error: there is no such key
    session.get("usr_id");
    // @ts-expect-error: cart is a list of strings
    session.update({ cart: [1] });
    expect(() => {
      // @ts-expect-error: the name belongs to the API
      session.flush = 1;
    }).toThrow(TypeError);
  });

  it("gives the handler's request a session of that type", () => {
    expectTypeOf<RequestWithSession<MyData>["session"]>().toEqualTypeOf<Session<MyData>>();
    type Admin = RequestWithSession<MyData, "adminSession">;
    expectTypeOf<Admin["adminSession"]>().toEqualTypeOf<Session<MyData>>();
    expectTypeOf<Admin["session"]>().toEqualTypeOf<Session<SessionShape>>();
  });
});

describe("without a type", () => {
  it("any key may have any value, and what is read has to be checked first", () => {
    const session = createSessions(makeOptions()).open();
    session["user_id"] = 123;
    session.set("cart", ["a"]);
    expectTypeOf(session.get("user_id")).toEqualTypeOf<unknown>();
    expectTypeOf(session["cart"]).toEqualTypeOf<unknown>();
    expectTypeOf(session.sessionKey).toEqualTypeOf<string | null>();
    expect(session.get("user_id")).toBe(123);
  });

  it("request.session has the type that declaration merging gives it", () => {
    expectTypeOf<IncomingMessage["session"]>().toEqualTypeOf<Session<SessionShape>>();
  });
});

describe("members of express-session", () => {
  const session = createSessions(makeOptions()).open();

  it("are type errors whose text says what to write", () => {
    // @ts-expect-error: "session.destroy is express-session's. Call await session.flush()."
    expect(() => session.destroy()).toThrow(TypeError);
    // @ts-expect-error: "session.destroy is express-session's. Call await session.flush()."
    expect(() => session.destroy((error) => error)).toThrow(TypeError);
    // @ts-expect-error: "session.reload is express-session's. …"
    expect(() => session.reload(() => {})).toThrow(TypeError);
    // @ts-expect-error: "session.touch is express-session's. Set session.modified = true."
    expect(() => session.touch()).toThrow(TypeError);
    // @ts-expect-error: "session.resetMaxAge is express-session's. Set session.modified = true."
    expect(() => session.resetMaxAge()).toThrow(TypeError);
    // @ts-expect-error: "session.id is express-session's. Read session.sessionKey."
    expect((): string => session.id).toThrow(TypeError);
    expect(() => {
      // @ts-expect-error: "session.cookie is express-session's. …"
      session.cookie.maxAge = 1000;
    }).toThrow(TypeError);
  });

  it("are data by get and set, as all reserved names are", () => {
    const own = createSessions<{ id: number; cookie: string }>(makeOptions()).open();
    own.set("id", 5);
    expectTypeOf(own.get("id")).toEqualTypeOf<number | undefined>();
    expect([own.get("id"), own.get("cookie")]).toEqual([5, undefined]);
    // @ts-expect-error: "session.id is express-session's. Read session.sessionKey."
    const id: number | undefined = own.id;
    expect(id).toBe(5);
  });

  it("that have the same name here take callbacks", () => {
    const done = (error?: unknown) => error;
    expectTypeOf(session.save).toBeCallableWith(done);
    expectTypeOf(session.regenerate).toBeCallableWith(done);
    expectTypeOf(session.flush).toBeCallableWith(done);
  });
});
