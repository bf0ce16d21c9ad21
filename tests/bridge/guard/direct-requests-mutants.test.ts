/** Requests with both Origin and Referer. Found by the mutation run: every other request in the tests has one of them. */
import { expect, it } from "vitest";
import { createDirectRequests } from "../../../server-bridge/src/bridge/guard/direct-requests.ts";

const MARK = ";at=3000";

function facts(origin: string, referer: string) {
  const headers = {
    Host: "localhost:3000",
    "Sec-Fetch-Site": "same-origin",
    Origin: origin,
    Referer: referer,
  };
  return {
    method: "POST",
    target: "/",
    httpVersion: "1.1",
    rawHeaders: Object.entries(headers).flat(),
    peerAddress: "127.0.0.1",
    localPort: 3000,
    encrypted: false,
  };
}

it("a request with Origin and Referer is known the next time, and its Origin decides", () => {
  const direct = createDirectRequests(new Set());
  const post = facts("http://localhost:3000", "http://localhost:3000/cart");
  expect(direct.find(post)).toBeNull();
  direct.learn(post, MARK);
  expect(direct.find(post)).toBe(MARK);
  expect(direct.find(facts("http://evil.test", "http://localhost:3000/cart"))).toBeNull();
});
