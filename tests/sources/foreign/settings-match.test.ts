/** What requests show about a bridge's settings, one conclusion at a time. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compareCookies } from "../../../server-bridge/src/sources/foreign/compare-cookies.ts";
import { createSettingsMatch } from "../../../server-bridge/src/sources/foreign/settings-match.ts";

beforeEach(() => void vi.spyOn(console, "warn").mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

/** The id is what is before the dot; the bridge accepts the signature `ok`. */
function compare(shown: string, set: string[], countsShown = true) {
  const request = new IncomingMessage(new Socket());
  request.headers.cookie = shown;
  const response = new ServerResponse(request);
  response.setHeader("set-cookie", set);
  const match = createSettingsMatch("sid", {});
  compareCookies({
    request,
    response,
    name: "sid",
    idIn: (value) => value.split(".")[0] ?? null,
    isOwn: (id) => id === "mine",
    keyOf: (value) => (value.endsWith(".ok") ? "mine" : null),
    countsShown,
    match,
  });
  return match.now();
}

describe("the cookies of a request and its response", () => {
  it("show another secret from the request's cookie only if the library has accepted that", () => {
    expect(compare("sid=mine.bad", [])?.of).toBe("secret");
    expect(compare("sid=mine.bad", [], false)).toBeNull();
    expect(compare("", ["sid=mine.bad"], false)?.of).toBe("secret");
  });

  it("name the app's cookie only if it is the only one", () => {
    expect(compare("app=mine.ok", [])?.why).toContain('is "app"');
    expect(compare("app=mine.ok; copy=mine.ok", [])?.why).toContain("cookie is not");
  });

  it("show no other name if the bridge's name also carries the session", () => {
    expect(compare("sid=mine.bad", ["copy=mine.ok"], false)).toBeNull();
  });
});

describe("a setting that was seen to match", () => {
  it("is no longer a mismatch: what does not match later is another app's", () => {
    const match = createSettingsMatch("sid", {});
    match.stored(false);
    expect(match.now()?.of).toBe("store");
    match.stored(true);
    expect(match.now()).toBeNull();
    match.stored(false);
    match.agreed();
    match.named("other");
    expect(match.now()).toBeNull();
  });
});
