/** `cookieOf`: the cookie of a session that no adapter holds. Its line is the one that an adapter writes. */

import {
  cache,
  cachedDatabase,
  cookieOf,
  database,
  type Engine,
  fromExpressStore,
  type SessionsOptions,
  signedCookies,
} from "session-bridge";
import { describe, expect, it } from "vitest";
import { asyncEngine } from "../../adapters/stores.ts";
import { MemoryStore } from "../engines/moving-apps.ts";
import { type AnySession, library, NOW } from "../library.ts";

const STORED: [string, () => Engine][] = [
  ["memory", () => cache("memory:")],
  ["SQLite", () => database("sqlite::memory:")],
  ["an engine that must be awaited", asyncEngine],
  ["a cached database", () => cachedDatabase("memory:", "sqlite::memory:")],
  ["signed cookies", () => signedCookies()],
];

/** A saved session outside of any request. */
async function saved(settings: Partial<SessionsOptions>, change: (session: AnySession) => void = () => {}) {
  const made = library(settings);
  const session = made.sessions.open();
  session.set("user", "ada");
  change(session);
  await session.save();
  return { ...made, session };
}

describe.each(STORED)("on %s", (_, engine) => {
  it("a saved session's cookie opens it again", async () => {
    const { sessions, session } = await saved({ engine: engine() });
    const { name, value, line } = cookieOf(sessions, session);
    expect([name, value]).toEqual(["sessionid", session.sessionKey]);
    expect(line).toMatch(new RegExp(`^sessionid=${value.replaceAll(".", "\\.")}; expires=`));
    const again = sessions.open(sessions.keyOf(value));
    await again.load();
    expect(again.get("user")).toBe("ada");
    expect(cookieOf(sessions, again).value).toBe(value);
  });

  it("a flushed session's cookie is its deletion", async () => {
    const { sessions, session } = await saved({ engine: engine() });
    await session.flush();
    expect(cookieOf(sessions, session)).toEqual({
      name: "sessionid",
      value: "",
      options: { httpOnly: true, path: "/", sameSite: "lax", secure: false, maxAge: 0, expires: new Date(0) },
      line: 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax',
    });
  });

  it("changes that are not stored have no cookie", async () => {
    const { sessions, session } = await saved({ engine: engine() });
    const unsaved = "cookieOf: the session has changes that are not stored. Call await session.save() first.";
    session.set("user", "grace");
    expect(() => cookieOf(sessions, session)).toThrow(unsaved);
    const saving = session.save();
    expect(() => cookieOf(sessions, session)).toThrow(unsaved);
    await saving;
    expect(cookieOf(sessions, session).value).toBe(session.sessionKey);
    const fresh = sessions.open();
    fresh.set("user", "ada");
    expect(() => cookieOf(sessions, fresh)).toThrow(unsaved);
  });
});

it("after cycleKey, it has the new key", async () => {
  const { sessions, session } = await saved({});
  const before = cookieOf(sessions, session).value;
  await session.cycleKey();
  expect(cookieOf(sessions, session).value).not.toBe(before);
  expect(cookieOf(sessions, session).value).toBe(session.sessionKey);
});

const NONE = "cookieOf: there is no session, and none was ended. Call it after save, cycleKey or flush.";

it("there is no cookie where nothing was saved or ended: a deletion could take a newer login's away", async () => {
  const { sessions } = library();
  const unknown = sessions.open("abcdefghijklmnopqrstuvwxyz012345");
  expect(() => cookieOf(sessions, unknown)).toThrow(NONE);
  expect(() => cookieOf(sessions, sessions.open())).toThrow(NONE);
  await unknown.flush();
  expect(cookieOf(sessions, unknown).value).toBe("");
});

it("a signed cookie that is too old or damaged is not sent again", async () => {
  let nowMs = NOW;
  const { sessions, session } = await saved({ engine: signedCookies(), cookieAge: 60, clock: () => nowMs });
  const key = session.sessionKey ?? "";
  expect(() => cookieOf(sessions, sessions.open(`${key}x`))).toThrow(NONE);
  nowMs += 61_000;
  const old = sessions.open(sessions.keyOf(key));
  expect(() => cookieOf(sessions, old)).toThrow(NONE);
  old.set("user", "ada");
  await old.save();
  expect(cookieOf(sessions, old).value).toBe(old.sessionKey);
});

it("a session of other sessions is refused", async () => {
  const { session } = await saved({});
  expect(() => cookieOf(library().sessions, session)).toThrow("not a session of these sessions");
});

it("with the secret of express-session, the value is signed and not encoded, and the line is as sent", async () => {
  const engine = fromExpressStore(new MemoryStore(), { secret: "a secret" });
  const { sessions, session } = await saved({ engine, cookieName: "connect.sid" });
  const { value, line } = cookieOf(sessions, session);
  expect(value).toMatch(/^s:[a-z0-9]{32}\.[A-Za-z0-9+/]{43}$/);
  expect(line).toContain(`connect.sid=${encodeURIComponent(value)}; `);
  expect(sessions.keyOf(encodeURIComponent(value))).toBe(session.sessionKey);
  expect(sessions.keyOf(session.sessionKey ?? "")).toBeNull();
});

it("an engine that must be awaited says so", async () => {
  const { sessions } = library({ engine: asyncEngine() });
  const session = sessions.open("abcdefghijklmnopqrstuvwxyz012345");
  expect(() => cookieOf(sessions, session)).toThrow("first call await request.session.load()");
});

it("anything else is no session", () => {
  const { sessions } = library();
  for (const other of [undefined, null, "abc", {}])
    expect(() => cookieOf(sessions, other as never)).toThrow("cookieOf: this is not a session");
});

describe("expiry", () => {
  it.each([
    ["the settings' two weeks", {}, () => {}, 1_209_600],
    ["the settings' hour", { cookieAge: 3600 }, () => {}, 3600],
    ["until the browser closes", { expireAtBrowserClose: true }, () => {}, undefined],
    ["its own seconds", {}, (session: AnySession) => session.setExpiry(90), 90],
    ["its own date", {}, (session: AnySession) => session.setExpiry(new Date(NOW + 60_000)), 60],
    ["until the browser closes, its own", {}, (session: AnySession) => session.setExpiry(0), undefined],
  ])("is %s", async (_, settings, change, maxAge) => {
    const { sessions, session } = await saved(settings, change);
    const { options, line } = cookieOf(sessions, session);
    expect(options.maxAge).toBe(maxAge);
    expect(options.expires).toEqual(maxAge === undefined ? undefined : new Date(NOW + maxAge * 1000));
    expect(line.includes("Max-Age")).toBe(maxAge !== undefined);
  });
});

describe("attributes", () => {
  it("are those of the settings, in both forms", async () => {
    const { sessions, session } = await saved({
      cookieName: "__Secure-id",
      cookieDomain: "example.com",
      cookiePath: "/app",
      cookieSecure: true,
      cookieHttpOnly: false,
      cookieSameSite: "None",
      cookiePartitioned: true,
      expireAtBrowserClose: true,
    });
    const { name, options, line } = cookieOf(sessions, session);
    expect(name).toBe("__Secure-id");
    expect(options).toEqual({
      domain: "example.com",
      httpOnly: false,
      partitioned: true,
      path: "/app",
      sameSite: "none",
      secure: true,
    });
    expect(line.slice(line.indexOf(";"))).toBe(
      "; Domain=example.com; Partitioned; Path=/app; SameSite=None; Secure",
    );
  });

  it("have no SameSite if the settings have none", async () => {
    const { sessions, session } = await saved({ cookieSameSite: null });
    expect(cookieOf(sessions, session).options).not.toHaveProperty("sameSite");
  });

  it("are what the request decides, if it is given", async () => {
    const settings = {
      cookieSecure: "auto",
      cookieSameSite: (request: object) => ("framed" in request ? "None" : "Lax"),
    };
    const { sessions, session } = await saved(settings as Partial<SessionsOptions>);
    const attributesOf = (options: object) => {
      const { sameSite, secure } = cookieOf(sessions, session, options).options;
      return [sameSite, secure];
    };
    expect(attributesOf({ isSecure: true, request: {} })).toEqual(["lax", true]);
    expect(attributesOf({ isSecure: false, request: {} })).toEqual(["lax", false]);
    expect(attributesOf({ isSecure: false, request: { framed: true } })).toEqual(["none", true]);
    expect(() => attributesOf({ isSecure: true })).toThrow(
      "cookieSameSite is a function, and there is no request.",
    );
    expect(() => attributesOf({ request: {} })).toThrow(
      "it is not known whether the request came over https.",
    );
  });
});

it("the line is the one that an adapter writes for this session", async () => {
  const { sessions, stored, request } = library({ saveEveryRequest: true });
  const cookie = await stored({ a: 1 });
  const { line } = await request(() => {}, { cookie });
  const session = sessions.open(cookie.slice("sessionid=".length));
  expect(cookieOf(sessions, session).line).toBe(line);
});
