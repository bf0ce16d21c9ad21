/** The password as the panel's lines and docs/next.md pass it: from an environment variable, which TypeScript types as perhaps missing. */
import { ironSession } from "session-bridge/sources";
import { expect, it } from "vitest";

it("a password of the environment needs no cast, and a missing one is refused with what to pass", () => {
  const password = process.env["SESSION_PASSWORD_THAT_IS_NOT_SET"];
  expect(() => ironSession({ password, cookieName: "iron" })).toThrow(
    /^\[session-bridge\] .*Pass \{ password, cookieName \}/,
  );
});
