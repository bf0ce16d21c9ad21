/** What a cookie's settings leave to the request, and what happens if that cannot be decided. */
import type { IncomingMessage } from "node:http";
import { openSession, type SettingsInput } from "session-bridge";
import { describe, expect, it } from "vitest";
import { library } from "../library.ts";

/** A request that changes its session. What the adapter knows about it is in `facts`. */
async function respond(settings: Partial<SettingsInput>, facts: object) {
  const { sessions } = library(settings);
  const incoming = { method: "GET", path: "/", identity: {}, cookieHeader: undefined, ...facts };
  const opened = await openSession(sessions, incoming);
  opened.session.set("a", 1);
  return { close: async () => opened.close({ status: 200, vary: null, setCookie: [] }) };
}

async function failureOf(settings: Partial<SettingsInput>, facts: object = {}): Promise<unknown> {
  const { close } = await respond(settings, facts);
  return close().then(
    () => "none",
    (error: unknown) => error,
  );
}

describe("cookieSameSite as a function", () => {
  it.each([
    ["Lax", "; SameSite=Lax"],
    ["Strict", "; SameSite=Strict"],
    ["None", "; SameSite=None; Secure"],
    ["none", "; SameSite=none; Secure"],
    [null, ""],
  ])("that returns %j writes %j", async (sameSite, attributes) => {
    const { close } = await respond({ cookieSameSite: () => sameSite as "Lax" }, {});
    expect((await close()).setCookie?.[0]?.split("; Path=/")[1]).toBe(attributes);
  });

  it("receives the framework's request, or what identifies it", async () => {
    const [identity, request] = [{}, {}];
    const received: object[] = [];
    const cookieSameSite = (given: object) => {
      received.push(given);
      return "Lax" as const;
    };
    await (await respond({ cookieSameSite }, { identity })).close();
    await (await respond({ cookieSameSite }, { identity, request })).close();
    expect(received).toHaveLength(2);
    expect(received[0]).toBe(identity);
    expect(received[1]).toBe(request);
  });

  it("is not called for a response without a cookie", async () => {
    const { request } = library({
      cookieSameSite: () => {
        throw new Error("not asked");
      },
    });
    expect((await request((session) => session.get("a"))).line).toBeNull();
  });

  it.each([
    ["Sometimes", '"Sometimes"'],
    [undefined, "undefined"],
    [true, "true"],
    [Promise.resolve("Lax"), "[object Promise]"],
  ])("that returns %s is reported, with what it may return", async (returned, shown) => {
    const error = await failureOf({ cookieSameSite: () => returned as "Lax" });
    expect(String(error)).toBe(
      `SessionError: [session-bridge] The session's cookie: the function cookieSameSite returned ${shown}. Return "Lax", "Strict", "None", or null for no attribute.`,
    );
    expect(error).toHaveProperty("code", "settings");
  });

  it("that throws is reported, with its error as the cause", async () => {
    const cause = new Error("no such header");
    const error = await failureOf({
      cookieSameSite: () => {
        throw cause;
      },
    });
    expect(String(error)).toContain("the function cookieSameSite failed; `cause` says why.");
    expect(error).toHaveProperty("cause", cause);
  });

  it("stores nothing if it fails, and an observer learns why", async () => {
    const ended: unknown[] = [];
    const { sessions, request } = library({ cookieSameSite: () => "Sometimes" as "Lax" });
    sessions.observe({
      opened: () => ({
        loaded: () => {},
        operation: (name, _, reason) => ended.push(`${name}: ${reason}`),
        wrote: () => {},
        ended: ({ status, after, unsaved, cookie }) => ended.push({ status, after, unsaved, cookie }),
        late: () => {},
      }),
    });
    await expect(request((session) => session.set("a", 1))).rejects.toThrow("Sometimes");
    expect(ended).toEqual([
      "not-saved: its cookie could not be written",
      { status: 500, after: null, unsaved: '{"a":1}', cookie: null },
    ]);
  });
});

describe('cookieSecure: "auto"', () => {
  it.each([true, false])("asks the adapter about the framework's request (%s)", async (secure) => {
    const request = {};
    const isSecure = (given: object) => given === request && secure;
    const { close } = await respond({ cookieSecure: "auto" }, { request, isSecure });
    expect((await close()).setCookie?.[0]?.includes("; Secure")).toBe(secure);
  });

  it("fails in an adapter that does not know", async () => {
    expect(String(await failureOf({ cookieSecure: "auto" }))).toBe(
      'SessionError: [session-bridge] The session\'s cookie: cookieSecure is "auto", and it is not known whether the request came over https. Pass isSecure with the request, or set cookieSecure to true or false.',
    );
  });

  it("is overruled by a None that was chosen: without Secure, browsers would refuse it", async () => {
    const { close } = await respond(
      { cookieSecure: "auto", cookieSameSite: () => "None" },
      { isSecure: () => false },
    );
    expect((await close()).setCookie?.[0]).toMatch(/; SameSite=None; Secure$/);
  });
});

it("takes a function of any framework's request", () => {
  const ofFetch = ({ headers }: Request) => (headers.get("sec-fetch-dest") === "iframe" ? "None" : "Lax");
  const ofNode = ({ headers }: IncomingMessage) => (headers["sec-fetch-dest"] === "iframe" ? "None" : null);
  for (const cookieSameSite of [ofFetch, ofNode] satisfies SettingsInput["cookieSameSite"][])
    expect(() => library({ cookieSameSite })).not.toThrow();
});

it("an observer learns the attributes that were chosen", async () => {
  const seen: unknown[] = [];
  const { sessions, request } = library({ cookieSameSite: () => "None" });
  sessions.observe({
    opened: () => ({
      loaded: () => {},
      operation: () => {},
      wrote: () => {},
      ended: ({ cookie }) => seen.push([cookie?.secure, cookie?.sameSite]),
      late: () => {},
    }),
  });
  await request((session) => session.set("a", 1));
  expect(seen).toEqual([[true, "None"]]);
});
