/**
 * A session that is gone from the store, and that Better Auth still accepts from the copy in the client's cookie: the tab
 * says until when, and over HTTP the library accepts it exactly until then.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AuthApp, type AuthOptions, JANE, JOHN, startApp } from "./app.ts";
import { operationsOf, readSession, tracesUntil, type Visitor, visitorOf } from "./visitor.ts";

type Strategy = "compact" | "jwt" | "jwe";

/** 4 minutes and 12 seconds. */
const MAX_AGE = 252;
/** A session that ends before its copy. */
const SHORT = 100;
const COPY = "better-auth.session_data";

/** Defines the tests for one form of the copy. */
export function describeAccepted(strategy: Strategy): void {
  describe(`a session that is gone and still accepted, copies as ${strategy}`, () => {
    let app: AuthApp;
    let version: string;
    let john: Visitor;
    beforeEach(async () => {
      vi.useFakeTimers({ toFake: ["Date"] });
      version = "1";
      app = await startApp({ auth: withCopies(strategy, () => version) });
      john = visitorOf(app.base);
    });
    afterEach(async () => {
      vi.useRealTimers();
      await app.close();
    });
    /** Another device of John's ends all other sessions of that user. */
    const revoke = async () => {
      const other = visitorOf(app.base);
      await other.post("/api/auth/sign-in/email", JOHN);
      await other.post("/api/auth/revoke-other-sessions");
      return other;
    };
    const acceptedUntil = async () => {
      const answer = await readSession(app.base, john.cookie());
      expect(answer).toMatchObject({ found: false, reason: "unknown" });
      return answer.found ? undefined : answer.acceptedUntil;
    };

    it("says until when, and the library accepts it until then and not longer", async () => {
      const began = Date.now();
      await john.post("/api/auth/sign-up/email", JOHN);
      await revoke();
      const until = (await acceptedUntil()) ?? 0;
      // a token's `exp` has whole seconds
      expect(until).toBeGreaterThan(began + MAX_AGE * 1000 - 1000);
      expect(until).toBeLessThanOrEqual(Date.now() + MAX_AGE * 1000);
      vi.setSystemTime(until - 1);
      expect((await john.get("/me")).body).toMatchObject({ user: { name: "john_doe" } });
      expect(await acceptedUntil()).toBe(until);
      vi.setSystemTime(until + 1);
      expect((await john.get("/me")).body).toBeNull();
      expect(await acceptedUntil()).toBeUndefined();
    });

    it("says no later than the session itself ends", async () => {
      await app.close();
      app = await startApp({ auth: withCopies(strategy, () => version, SHORT) });
      john = visitorOf(app.base);
      const began = Date.now();
      await john.post("/api/auth/sign-up/email", JOHN);
      await revoke();
      const until = (await acceptedUntil()) ?? 0;
      expect(until).toBeGreaterThanOrEqual(began + SHORT * 1000);
      expect(until).toBeLessThanOrEqual(Date.now() + SHORT * 1000);
      vi.setSystemTime(until + 1);
      expect((await john.get("/me")).body).toBeNull();
    });

    it("reads a copy that is split into several cookies", async () => {
      await john.post("/api/auth/sign-up/email", { ...JOHN, name: "john_doe".repeat(600) });
      expect([...john.jar.keys()]).toContain(`${COPY}.1`);
      await revoke();
      const until = (await acceptedUntil()) ?? 0;
      expect(until).toBeGreaterThan(Date.now());
      vi.setSystemTime(until - 1);
      expect((await john.get("/me")).body).toMatchObject({ user: { email: JOHN.email } });
    });

    it("does not say so of a copy that the library would refuse", async () => {
      await john.post("/api/auth/sign-up/email", JOHN);
      const jane = visitorOf(app.base);
      await jane.post("/api/auth/sign-up/email", JANE);
      await revoke();
      const own = john.jar.get(COPY) ?? "";
      for (const copy of [jane.jar.get(COPY) ?? "", forge(own), `${own}x`, "e30", "x.y.z"]) {
        john.jar.set(COPY, copy);
        expect((await john.get("/me")).text).not.toContain(JOHN.email); // null, or an error of the library
        expect(await acceptedUntil()).toBeUndefined();
      }
      john.jar.set(COPY, own);
      expect((await john.get("/me")).body).not.toBeNull();
      expect(await acceptedUntil()).toBeGreaterThan(Date.now());
      version = "2"; // the app refuses all copies that it has made until now
      expect((await john.get("/me")).body).toBeNull();
      expect(await acceptedUntil()).toBeUndefined();
    });

    it("traces a page that was answered from the copy of a session that is gone", async () => {
      await john.post("/api/auth/sign-up/email", JOHN);
      await revoke();
      await john.get("/me");
      const traces = await tracesUntil(app.base, [john.cookie()], "/me");
      expect(operationsOf(traces.at(-1))).toEqual(["load (from the copy in a cookie)"]);
      expect(traces.at(-1)?.after?.dataJson).toContain("john_doe");
    });

    it("does not say so after a sign-out, which deletes the copy too", async () => {
      await john.post("/api/auth/sign-up/email", JOHN);
      const cookie = john.cookie();
      await john.post("/api/auth/sign-out");
      expect(await readSession(app.base, cookie)).toEqual({
        serverTime: expect.any(Number),
        found: false,
        reason: "unknown",
      });
    });
  });
}

function withCopies(strategy: Strategy, version: () => string, expiresIn?: number): AuthOptions {
  const cookieCache = { enabled: true, strategy, maxAge: MAX_AGE, version } as const;
  return { session: { ...(expiresIn === undefined ? {} : { expiresIn }), cookieCache } };
}

/** A copy that ends later than it was signed to; one that is encrypted has another letter in its middle. */
function forge(copy: string): string {
  const later = (text: string) =>
    text.replace(/("expiresAt":|"exp":)(\d+)/, (_all, name, end) => `${name}${end}9`);
  const recode = (part: string) =>
    Buffer.from(later(Buffer.from(part, "base64url").toString())).toString("base64url");
  const [head = "", body, ...rest] = copy.split(".");
  if (body === undefined) return recode(head);
  if (body !== "") return [head, recode(body), ...rest].join(".");
  const middle = Math.floor(copy.length / 2);
  return copy.slice(0, middle) + (copy[middle] === "A" ? "B" : "A") + copy.slice(middle + 1);
}
