/** The bridge takes the name of the session's cookie from the app's instance, however the app has named it. */
import { describe, expect, it } from "vitest";
import { call } from "../../sources/panel-client.ts";
import { type AuthOptions, JOHN, startApp } from "./app.ts";
import { operationsOf, readFound, tracesUntil, visitorOf } from "./visitor.ts";

const NAMES: [name: string, advanced: AuthOptions["advanced"]][] = [
  ["shop.session_token", { cookiePrefix: "shop" }],
  ["__Secure-better-auth.session_token", { useSecureCookies: true }],
  ["sid", { cookies: { session_token: { name: "sid" } } }],
  ["__Secure-sid", { useSecureCookies: true, cookies: { session_token: { name: "sid" } } }],
];

/** Defines the tests. @param all false: only the last, which has both of the others */
export function describeNames(all: boolean): void {
  describe("the name of Better Auth's cookie", () => {
    it.each(all ? NAMES : NAMES.slice(-1))("%s", async (name, advanced = {}) => {
      const app = await startApp({ auth: { advanced } });
      const john = visitorOf(app.base, name);
      await john.post("/api/auth/sign-up/email", JOHN);
      await john.get("/me");
      expect((await call(app.base, "hello", { protocol: 1 })).answer.cookieNames).toEqual([name]);
      expect((await readFound(app.base, john.cookie())).data["user"]).toMatchObject({ name: "john_doe" });
      const traces = await tracesUntil(app.base, [john.cookie()], "/me");
      expect(traces.map(operationsOf)).toEqual([["create"], ["load"]]);
      await app.close();
    });
  });
}
