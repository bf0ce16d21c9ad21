/** Auth.js whose cookie has another name than the bridge's: the tab is told, also by a response that sets more than it. */
import { createServer, type Server } from "node:http";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { authJs } from "session-bridge/sources";
import { afterEach, expect, it, vi } from "vitest";
import { listen } from "../panel-client.ts";

const open: (Bridge | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  vi.restoreAllMocks();
});

const KEY = "0b2c3d4e-1111-4222-8333-944445555666";

it.each([
  ["__Secure-authjs.session-token", "name"],
  ["authjs.session-token", undefined],
])("%s: %s", async (name, of) => {
  vi.spyOn(console, "warn").mockReturnValue();
  const source = authJs({ adapter: { getSessionAndUser: () => null }, cookieName: "authjs.session-token" });
  const bridge = openBridge(source, { enabled: true, log: () => {} });
  const server = createServer((request, response) =>
    bridge(request, response, () => {
      response.setHeader("set-cookie", `${name}=${KEY}; Path=/; Secure; HttpOnly`);
      response.end();
    }),
  );
  open.push(bridge, server);
  await fetch(await listen(server));
  await expect.poll(() => source.mismatches?.now()?.of).toBe(of);
});

const SECRET = "a secret of these tests, longer than thirty-two";
const CHUNKS = [
  "theme=dark; Path=/",
  "__Secure-authjs.session-token.0=eyJ; Path=/",
  "__Secure-authjs.session-token.1=x",
];

it("finds the name of a cookie in chunks, also in an answer over fetch", async () => {
  vi.spyOn(console, "warn").mockReturnValue();
  const source = authJs({ secret: SECRET, cookieName: "authjs.session-token" });
  const bridge = openBridge(source, { enabled: true, log: () => {} });
  open.push(bridge);
  const headers = CHUNKS.map((line): [string, string] => ["set-cookie", line]);
  const request = new Request("http://localhost/");
  await bridge.fetch(request, { peerAddress: "127.0.0.1" }, () => new Response("app", { headers }));
  expect(source.mismatches?.now()?.of).toBe("name");
});
