/** What the tab shows of every app with Better Auth, whatever its database, its host and the form of its copies. */
import type { Trace } from "session-bridge/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../../sources/panel-client.ts";
import { type AppOptions, type AuthApp, JOHN, PASSWORD, SECRET, startApp } from "./app.ts";
import { operationsOf, readFound, readSession, tracesUntil, type Visitor, visitorOf } from "./visitor.ts";

/** One kind of app. */
export interface Kind {
  name: string;
  options(): Promise<AppOptions & { remove?(): Promise<unknown> }>;
}

/** Defines the story's tests for one kind of app. */
export function describeStory({ name, options }: Kind): void {
  describe(`Better Auth: ${name}`, () => {
    let app: AuthApp;
    let remove: (() => Promise<unknown>) | undefined;
    let john: Visitor;
    let copies: boolean;
    beforeAll(async () => {
      const given = await options();
      remove = given.remove;
      copies = given.auth?.session?.cookieCache?.enabled === true;
      app = await startApp(given);
      john = visitorOf(app.base);
      await john.post("/api/auth/sign-up/email", JOHN);
    });
    afterAll(async () => {
      await app.close();
      await remove?.();
    });
    /** A visitor who has signed in on another device. */
    const signIn = async () => {
      const visitor = visitorOf(app.base);
      expect((await visitor.post("/api/auth/sign-in/email", JOHN)).status).toBe(200);
      return visitor;
    };

    it("shows who is logged in, and when the session expires", async () => {
      const { data, expiresAt } = await readFound(app.base, john.cookie());
      const { session, user } = (await john.get("/me")).body as Record<string, Record<string, string>>;
      expect(data["userId"]).toBe(user?.["id"]);
      expect(data["user"]).toMatchObject({ name: "john_doe", email: JOHN.email });
      expect(expiresAt).toBe(Date.parse(session?.["expiresAt"] ?? ""));
      expect(JSON.stringify(data)).not.toContain(session?.["token"]);
    });

    it("traces a sign-in with what it stored, a page, an update of the user, and a sign-out", async () => {
      const visitor = await signIn();
      const cookie = visitor.cookie();
      await visitor.get("/me");
      await visitor.post("/api/auth/update-user", { name: "John" });
      await visitor.post("/api/auth/sign-out");
      const traces = await tracesUntil(app.base, [cookie], "/api/auth/sign-out");
      const [signed, me, update, out] = traces;
      expect(traces.map(({ request }) => request.path)).toEqual([
        "/api/auth/sign-in/email",
        "/me",
        "/api/auth/update-user",
        "/api/auth/sign-out",
      ]);
      const load = copies ? "load (from the copy in a cookie)" : "load";
      expect(traces.map(operationsOf)).toEqual([["create"], [load], [load], ["load", "flush"]]);
      expect(traces.every(({ incomplete }) => incomplete === undefined)).toBe(true);
      expect(signed?.before).toBeNull();
      expect(userIn(signed)).toMatchObject({ email: JOHN.email });
      expect(me?.changes).toEqual([]);
      expect(userIn(update)).toMatchObject({ name: "John" });
      expect(update?.changes).toEqual([{ key: "user", kind: "changed" }]);
      expect([out?.after, out?.cookie?.action]).toEqual([null, "deleted"]);
      expect(await readSession(app.base, cookie)).toMatchObject({ found: false, reason: "unknown" });
      await john.post("/api/auth/update-user", { name: "john_doe" });
    });

    it("traces a page that does not use the session as one that does not", async () => {
      const trace = (await john.get("/plain")).headers.get("session-trace")?.split(";")[0] ?? "";
      await john.get("/me");
      const traces = await tracesUntil(app.base, [john.cookie()], "/me");
      expect(traces.find(({ id }) => id === trace)?.touched ?? false).toBe(false);
    });

    it("lets the tab move the expiry and end the session, and the app sees both", async () => {
      const visitor = await signIn();
      const cookie = visitor.cookie();
      const { version } = await readFound(app.base, cookie);
      const change = { kind: "seconds", seconds: 100_000 } as const;
      const moved = await call(app.base, "expiry", { protocol: 1, cookie, change, ifVersion: version });
      const end = moved.answer.session?.expiresAt ?? 0;
      expect(end).toBe((await readFound(app.base, cookie)).expiresAt);
      const fresh = "/api/auth/get-session?disableCookieCache=true&disableRefresh=true";
      expect((await visitor.get(fresh)).body).toMatchObject({
        session: { expiresAt: new Date(end).toISOString() },
      });
      const ifVersion = moved.answer.session?.version ?? "";
      expect((await call(app.base, "flush", { protocol: 1, cookie, ifVersion })).status).toBe(200);
      expect((await visitor.get(fresh)).body).toBeNull();
    });

    it("keeps secrets, passwords and whole tokens out of traces and lines", async () => {
      const cookie = john.cookie();
      const [token = ""] = decodeURIComponent(cookie).split(".");
      const traces = await tracesUntil(app.base, [cookie], "/me");
      const said =
        JSON.stringify(traces) + app.lines.join("\n") + JSON.stringify(await readFound(app.base, cookie));
      expect(traces.length).toBeGreaterThan(0);
      expect(token).toHaveLength(32);
      for (const canary of [SECRET, PASSWORD, token, cookie]) expect(said).not.toContain(canary);
    });
  });
}

function userIn(trace: Trace | undefined): unknown {
  const { user } = JSON.parse(trace?.after?.dataJson ?? "{}") as { user?: unknown };
  return user;
}
