/** Cookies of sessions that a service keeps: whose they are, what can be read, and that the app's server has no session. */
import { describe, expect, it } from "vitest";
import { recognise } from "../../extension/background/recognise.ts";
import { decodeCookie } from "../../extension/logic/decoders/decode.ts";
import { LONG, type Made, pick } from "./cookies.ts";
import { auth0Cookies, clerkCookies, openIdCookies, superTokensCookies } from "./hosted-makers.ts";
import { supabaseCookies, workOsCookies } from "./javascript-makers.ts";

const ENCRYPTED = "It is encrypted: only the server can read it.";
const LOGIN = "The login is kept by Auth0, not by this app's server.";
const kept = (service: string) => `The session is kept by ${service}, not by this app's server.`;

function rolesOf(made: readonly Made[]): Record<string, string> {
  return Object.fromEntries(
    made.map(({ name, value }) => {
      const found = recognise(name, value);
      return [name, `${found?.framework} ${found?.role}`];
    }),
  );
}

describe("Clerk", () => {
  it("is recognised by its token, with its companions", async () => {
    expect(rolesOf((await clerkCookies(false)).slice(0, 2))).toEqual({
      __session: "Clerk session",
      __client_uat: "Clerk auth",
    });
  });

  it("is recognised under the names that end with the app's suffix", async () => {
    const made = await clerkCookies(true);
    expect(Object.values(rolesOf(made))).toEqual(["Clerk session", "Clerk auth", "Clerk auth"]);
    expect(made[0]?.name).toMatch(/^__session_[\w-]{8}$/);
  });

  it.each([false, true])(
    "is read, and said to keep the session itself; with a suffix: %s",
    async (suffixed) => {
      const made = await clerkCookies(suffixed);
      const [token, update] = made;
      const decoded = await decodeCookie(pick(made, token?.name ?? ""));
      expect(decoded?.format).toBe("Clerk, JWT (RS256)");
      const claims = JSON.parse(decoded?.json ?? "null");
      expect(claims).toMatchObject({ sub: "user_42", sid: "sess_42" });
      expect(decoded).toMatchObject({ issuedAt: claims.iat * 1000, expiresAt: claims.exp * 1000 });
      expect(decoded?.notes).toEqual([
        kept("Clerk"),
        "The signature was not checked: that needs the issuer's public key.",
      ]);
      expect(await decodeCookie(pick(made, update?.name ?? ""))).toMatchObject({
        format: "Clerk",
        json: null,
        issuedAt: Number(update?.value) * 1000,
      });
    },
  );
});

describe("Auth0", () => {
  it("is recognised and named when its SDK for Next.js seals the session", async () => {
    const made = await auth0Cookies("Ada");
    expect(rolesOf(made)).toEqual({ __session: "Auth0 session" });
    expect(await decodeCookie(pick(made, "__session"))).toMatchObject({
      format: "Auth0, JWE (dir, A256GCM)",
      json: null,
      notes: [ENCRYPTED, LOGIN],
    });
  });

  it("is joined from the chunks of that SDK, and a missing one is named", async () => {
    const made = await auth0Cookies(LONG);
    expect(rolesOf(made)).toEqual({
      __session__0: "Auth0 session",
      __session__1: "Auth0 session",
      __session__2: "Auth0 session",
    });
    expect(await decodeCookie(pick(made, "__session__1"))).toMatchObject({
      format: "Auth0, JWE (dir, A256GCM)",
      notes: ["Joined from __session__0, __session__1 and __session__2.", ENCRYPTED, LOGIN],
    });
    const torn = await decodeCookie(pick(made.slice(1), "__session__2"));
    expect(torn?.notes).toEqual(["__session__0 is missing, so it cannot be read."]);
  });

  it("is named for express-openid-connect, whose header says until when it is valid", async () => {
    const made = await openIdCookies("Ada");
    expect(rolesOf(made)).toEqual({ appSession: "Auth0 session" });
    const decoded = await decodeCookie(pick(made, "appSession"));
    expect(decoded).toMatchObject({ format: "Auth0, JWE (dir, A256GCM)", json: null });
    expect(Math.abs((decoded?.issuedAt ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(decoded?.expiresAt).toBeGreaterThan(Date.now());
  });

  it("is joined from the chunks of express-openid-connect", async () => {
    const made = await openIdCookies(LONG);
    expect(Object.values(rolesOf(made))).toEqual(["Auth0 session", "Auth0 session", "Auth0 session"]);
    expect((await decodeCookie(pick(made, "appSession.2")))?.notes).toEqual([
      "Joined from appSession.0, appSession.1 and appSession.2.",
      ENCRYPTED,
      LOGIN,
    ]);
  });

  it("has only a key in the cookie if express-openid-connect has a store", async () => {
    const made = await openIdCookies("Ada", true);
    expect(rolesOf(made)).toEqual({ appSession: "Auth0 session" });
    expect(await decodeCookie(pick(made, "appSession"))).toMatchObject({
      format: "express-openid-connect",
      notes: ["It is a key: the session itself is on the server.", LOGIN],
    });
  });
});

describe("SuperTokens", () => {
  it("is recognised and read, and said to keep the session in its core", async () => {
    const made = await superTokensCookies();
    expect(rolesOf(made)).toEqual({
      sAccessToken: "SuperTokens session",
      sRefreshToken: "SuperTokens auth",
      sFrontToken: "SuperTokens auth",
    });
    const token = await decodeCookie(pick(made, "sAccessToken"));
    expect(token).toMatchObject({ format: "SuperTokens, JWT (RS256)" });
    expect(JSON.parse(token?.json ?? "null")).toMatchObject({ sub: "42", tId: "public" });
    expect(token?.notes[0]).toBe(kept("SuperTokens' core"));
    const front = await decodeCookie(pick(made, "sFrontToken"));
    expect(front).toMatchObject({ format: "SuperTokens", expiresAt: token?.expiresAt });
    expect(JSON.parse(front?.json ?? "null")).toMatchObject({ uid: "42" });
  });
});

describe("a service whose SDK seals or wraps its own answer", () => {
  it("is named in a note: WorkOS, Supabase", async () => {
    const sealed = await decodeCookie(pick(await workOsCookies(), "wos-session"));
    expect(sealed?.notes).toEqual([ENCRYPTED, kept("WorkOS")]);
    const made = await supabaseCookies("");
    expect((await decodeCookie(pick(made, "sb-localhost-auth-token")))?.notes[0]).toBe(kept("Supabase"));
  });
});
