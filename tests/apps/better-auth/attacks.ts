/**
 * Attempts to reach a session of Better Auth that is someone else's (T25 to T27): what the library does not accept proves
 * nothing to the bridge, reaches no store, and joins no traces.
 */
import { createHmac } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../../sources/panel-client.ts";
import { type AuthApp, createSecondStore, JANE, JOHN, SECRET, startApp } from "./app.ts";
import { operationsOf, readFound, readSession, tracesUntil, type Visitor, visitorOf } from "./visitor.ts";

/** Counts what it is asked. */
class CountingDatabase extends DatabaseSync {
  asked = 0;

  override prepare(sql: string): StatementSync {
    this.asked += 1;
    return super.prepare(sql);
  }
}

/** Defines the attacks. */
export function describeAttacks(): void {
  describe("someone who wants another visitor's session of Better Auth", () => {
    const database = new CountingDatabase(":memory:");
    let app: AuthApp;
    let jane: Visitor;
    let token: string;
    beforeAll(async () => {
      app = await startApp({ auth: { database } });
      jane = visitorOf(app.base);
      await jane.post("/api/auth/sign-up/email", JANE);
      await visitorOf(app.base).post("/api/auth/sign-up/email", JOHN);
      token = decodeURIComponent(jane.cookie()).split(".")[0] ?? "";
    });
    afterAll(() => app.close());

    it("gets nothing with a cookie that the library would not accept, and the store is not asked", async () => {
      const signed = (value: string, secret = SECRET) =>
        encodeURIComponent(`${value}.${createHmac("sha256", secret).update(value).digest("base64")}`);
      const visitor = visitorOf(app.base);
      await visitor.post("/api/auth/sign-in/email", { ...JOHN, rememberMe: false });
      const otherCookie = visitor.jar.get("better-auth.dont_remember") ?? "";
      expect(decodeURIComponent(otherCookie)).toMatch(/^true\..{44}$/); // signed with the same secret
      const [, own = ""] = decodeURIComponent(visitor.cookie()).split(".");
      const { version } = await readFound(app.base, jane.cookie());
      for (const cookie of [
        token,
        `${token}.`,
        encodeURIComponent(`${token}.${own}`),
        signed(token, `${SECRET}x`),
        signed(token).slice(0, -6),
        jane.cookie().toLowerCase(),
        otherCookie,
        signed("../../config"),
        signed(`${token}.x`),
        "x".repeat(5_000),
      ]) {
        const before = database.asked;
        expect(await readSession(app.base, cookie)).toMatchObject({ found: false, reason: "tampered" });
        const change = { kind: "seconds", seconds: 1 } as const;
        const write = { protocol: 1, cookie, ifVersion: version };
        expect((await call(app.base, "expiry", { ...write, change })).status).toBe(403);
        expect((await call(app.base, "flush", write)).status).toBe(403);
        expect(database.asked).toBe(before);
        const thief = visitorOf(app.base);
        thief.jar.set("better-auth.session_token", cookie);
        expect((await thief.get("/me")).body).toBeNull();
      }
      expect((await jane.get("/me")).body).toMatchObject({ user: { name: "jane_roe" } });
    });

    it("accepts the signature of the current secret only, as the library does", async () => {
      const secrets = [
        { version: 2, value: "a newer secret of these tests, long enough for it" },
        { version: 1, value: SECRET },
      ];
      const rotated = await startApp({ auth: { database, secrets } });
      const old = visitorOf(rotated.base);
      old.jar.set("better-auth.session_token", jane.cookie());
      expect((await old.get("/me")).body).toBeNull();
      expect(await readSession(rotated.base, jane.cookie())).toMatchObject({ reason: "tampered" });
      await old.post("/api/auth/sign-in/email", JANE);
      expect(await readSession(rotated.base, old.cookie())).toMatchObject({ found: true });
      await rotated.close();
    });

    it("sees nothing of a session that a request of the app reads or ends, and the trace does not show it", async () => {
      const john = visitorOf(app.base);
      await john.post("/api/auth/sign-in/email", JOHN);
      await john.get(`/peek?token=${token}`);
      const [peek] = (await tracesUntil(app.base, [john.cookie()], "/peek")).slice(-1);
      expect(operationsOf(peek)).toEqual([
        "load",
        expect.stringMatching(/^load \(another session .{4}….{4}\)$/),
      ]);
      const { userId } = (await readFound(app.base, john.cookie())).data; // as long as a key
      expect(JSON.stringify(peek).replaceAll(String(userId), "")).not.toMatch(/jane_roe|[A-Za-z0-9]{32}/);
      await jane.get("/me");
      const hers = await tracesUntil(app.base, [jane.cookie()], "/me");
      expect(hers.map(({ request }) => request.path)).not.toContain("/peek");
    });

    it.each([
      ["a database", {}],
      ["a second store only", { secondaryStorage: createSecondStore() }],
    ])("sees no field that the library itself returns to no client, with %s", async (_name, stores) => {
      const field = (value: string) =>
        ({ type: "string", required: false, returned: false, defaultValue: value }) as const;
      const hidden = await startApp({
        auth: {
          ...stores,
          session: { additionalFields: { pin: field("canary-pin") } },
          user: { additionalFields: { note: field("canary-note") } },
        },
      });
      const john = visitorOf(hidden.base);
      await john.post("/api/auth/sign-up/email", JOHN);
      const { internalAdapter } = await hidden.auth.$context;
      await john.get("/me");
      const cookie = john.cookie();
      const traces = await tracesUntil(hidden.base, [cookie], "/me");
      expect(traces.map(operationsOf)).toEqual([["create"], ["load"]]);
      expect(JSON.stringify([traces, await readFound(hidden.base, cookie)])).not.toMatch(
        /canary-|"pin"|"note"/,
      );
      const user = await internalAdapter.findUserByEmail(JOHN.email);
      expect(user?.user).toMatchObject({ note: "canary-note" }); // it is there
      await hidden.close();
    });

    it("is their owner with a cookie in quotes, which the library accepts too", async () => {
      const cookie = `"${jane.cookie()}"`;
      const quoting = visitorOf(app.base);
      quoting.jar.set("better-auth.session_token", cookie);
      expect((await quoting.get("/me")).body).toMatchObject({ user: { name: "jane_roe" } });
      expect((await readFound(app.base, cookie)).data["user"]).toMatchObject({ name: "jane_roe" });
    });

    it("ends the other sessions of a user, in a trace that names none of them", async () => {
      const [one, other] = [visitorOf(app.base), visitorOf(app.base)];
      await one.post("/api/auth/sign-in/email", JOHN);
      await other.post("/api/auth/sign-in/email", JOHN);
      const cookie = other.cookie();
      await other.post("/api/auth/revoke-other-sessions");
      const last = (await tracesUntil(app.base, [cookie], "/api/auth/revoke-other-sessions")).at(-1);
      const names = last?.operations.map(({ name }) => name) ?? [];
      expect(names[0]).toBe("load");
      expect(names.slice(1).length).toBeGreaterThan(0);
      expect(new Set(names.slice(1))).toEqual(new Set(["flush"]));
      expect(last?.after).not.toBeNull();
      expect(await readSession(app.base, one.cookie())).toMatchObject({ found: false });
      await other.post("/api/auth/revoke-sessions");
      const all = (await tracesUntil(app.base, [cookie], "/api/auth/revoke-sessions")).at(-1);
      expect(operationsOf(all)).toEqual(["load", "flush"]);
      expect(all?.after).toBeNull();
    });
  });
}
