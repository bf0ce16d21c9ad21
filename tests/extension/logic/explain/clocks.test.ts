/** A server's wrong clock, and the expiry of a cookie: browsers correct it by the response's Date. */
import { describe, expect, it } from "vitest";
import { explain } from "../../../../extension/logic/explain/explain.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import { facts, request } from "./material.ts";

const AHEAD_MS = 7_200_000;
const line = "sessionid=abc; Path=/; Expires=Wed, 25 Nov 2026 12:00:00 GMT";

function say(cookieClock?: NetworkRequest["cookieClock"]): string | undefined {
  const made = request({ setCookies: [line], ...(cookieClock && { cookieClock }) });
  const given = facts({ request: made, line, skewMs: AHEAD_MS });
  return explain(given).find(({ rule }) => rule === "clocks-differ")?.sentence;
}

describe("a clock that is two hours ahead", () => {
  it("shifts the cookie's expiry if the response's Date is nevertheless right", () => {
    expect(say({ browser: "chromium", aheadMs: 0 })).toContain("comes that much later");
  });

  it("shifts nothing if the Date is equally wrong, because the browser corrects for it", () => {
    expect(say({ browser: "chromium", aheadMs: AHEAD_MS })).toBe(
      "The server's clock is 2 hours ahead of this browser's.",
    );
  });

  it("is said to shift nothing if the Date is not known", () => {
    expect(say()).toBe("The server's clock is 2 hours ahead of this browser's.");
  });
});
