/** `attachBridge`: the bridge in front of servers that take no middleware, also of those that listen already. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import {
  connect,
  createServer as createHttp2,
  createSecureServer,
  type Http2ServerResponse,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Bridge } from "../../server-bridge/src/bridge/index.ts";
import { attachBridge } from "../../server-bridge/src/bridge/servers/attach.ts";
import { createSessions, database } from "../../server-bridge/src/index.ts";
import { ironSession } from "../../server-bridge/src/sources/index.ts";
import { call, listen, readTraceId } from "../sources/panel-client.ts";

const open: (Bridge | Server)[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

const PEM = readFileSync(new URL("../e2e/sites/self-signed.pem", import.meta.url));
const QUIET = { enabled: true, log: () => {} };
const iron = (cookieName: string) => ironSession({ password: "x".repeat(40), cookieName });

async function startApp(): Promise<string> {
  const server = createServer((_request, response) => response.end("the app"));
  open.push(server);
  return listen(server);
}

function attach(...[target, options = {}]: Parameters<typeof attachBridge>): Bridge {
  const bridge = attachBridge(target, { ...QUIET, ...options });
  open.push(bridge);
  return bridge;
}

describe("attachBridge", () => {
  it("answers on a server that listened before, and marks its responses", async () => {
    const base = await startApp();
    expect(readTraceId(await fetch(base))).toBe("");
    attach(iron("first"));
    const { answer } = await call(base, "hello", { protocol: 1 });
    expect(answer).toMatchObject({
      library: { name: "iron-session" },
      cookieNames: ["first"],
      chunked: "whole",
    });
    const response = await fetch(base);
    expect(await response.text()).toBe("the app");
    expect(readTraceId(response)).not.toBe("");
  });

  it.each(["http", "https"])("answers on a server of node:http2 over %s too, as Vite's", async (scheme) => {
    attach(iron("first"));
    const app = (_request: unknown, response: Http2ServerResponse) => void response.end("the app");
    const options = { key: PEM, cert: PEM, allowHTTP1: true };
    const server = scheme === "http" ? createHttp2(app) : createSecureServer(options, app);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo; // a listening TCP server has one
    const session = connect(`${scheme}://localhost:${port}`, { rejectUnauthorized: false });
    const request = session.request({ ":path": "/" });
    const [headers] = await once(request, "response");
    const [text] = await once(request, "data");
    expect([String(text), headers["session-trace"]]).toEqual(["the app", expect.stringMatching(/./)]);
    session.destroy();
    server.close();
  });

  it("takes the place of one that was attached before: one bridge answers, and one trace is named", async () => {
    const base = await startApp();
    attach(iron("first"));
    attach(iron("second"));
    expect((await call(base, "hello", { protocol: 1 })).answer.cookieNames).toEqual(["second"]);
    expect((await fetch(base)).headers.get("session-trace")).not.toContain(",");
  });

  it("lets every request pass once it is closed", async () => {
    const base = await startApp();
    attach(iron("first")).close();
    const response = await fetch(`${base}/__sessions/hello`, { method: "POST" });
    expect(await response.text()).toBe("the app");
    expect(response.headers.has("session-trace")).toBe(false);
  });

  it("says what to do with this library's own sessions, which it could not trace", () => {
    const sessions = createSessions({ engine: database("sqlite::memory:"), secretKey: "x".repeat(50) });
    expect(() => Reflect.apply(attachBridge, null, [sessions, QUIET])).toThrow(
      /use openBridge\(…\) in front/,
    );
  });

  it("does not open in production, and leaves what was attached before", async () => {
    const base = await startApp();
    attach(iron("first"));
    expect(() => attachBridge(iron("second"), { env: { NODE_ENV: "production" } })).toThrow(
      /NODE_ENV is production: openBridge shows and edits sessions, so it does not open here/,
    );
    expect((await call(base, "hello", { protocol: 1 })).answer.cookieNames).toEqual(["first"]);
  });
});
