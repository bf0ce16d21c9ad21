/** A `Response` of another package, as an app passes it on from an HTTP client: `getSetCookie` is younger than many of them. */
import { openBridge } from "session-bridge/bridge";
import { ironSession } from "session-bridge/sources";
import { expect, it } from "vitest";

it("reaches the client also if its headers have no getSetCookie", async () => {
  const bridge = openBridge(ironSession({ password: "x".repeat(40), cookieName: "iron" }), {
    enabled: true,
    log: () => {},
  });
  const headers = new Headers();
  Object.defineProperty(headers, "getSetCookie", { value: undefined });
  const given = Object.defineProperty(new Response("the app"), "headers", { value: headers });
  const answer = bridge.fetch(new Request("http://localhost/"), { peerAddress: "127.0.0.1" }, () => given);
  expect(await (await answer).text()).toBe("the app");
  bridge.close();
});
