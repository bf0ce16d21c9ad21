/** The bridge mounted in every adapter: it answers, it traces, and it changes no byte of a response but `Session-Trace`. */
import { cache, createSessions, type Engine, signedCookies } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { BRIDGE_PATH, PROTOCOL_VERSION, parseTraceHeader } from "session-bridge/protocol";
import { afterEach, describe, expect, it } from "vitest";
import type { Adapter, Page, Served } from "./adapter.ts";
import { ADAPTERS } from "./adapters.ts";
import { ask, exchangeBytes, Visitor } from "./client.ts";
import { asyncEngine, SECRET_KEY } from "./stores.ts";

const ORIGIN = `chrome-extension://${"abcdefghijklmnop".repeat(2)}`;

const PAGES: Record<string, Page> = {
  "/untouched": () => ({ body: "hello", headers: [["X-Own", "1"]] }),
  "/read": ({ session }) => ({ body: String(session.get("user_id")) }),
  "/visit": ({ session }) => {
    session.change("visits", (visits) => Number(visits ?? 0) + 1);
    return {
      body: String(session.get("visits")),
      headers: [
        ["Set-Cookie", "theme=dark"],
        ["Vary", "Accept"],
      ],
    };
  },
  "/login": ({ session }) => {
    session["user_id"] = 123;
    void session.cycleKey();
    return { status: 302, headers: [["Location", "/read"]] };
  },
  "/stream": ({ session }) => {
    session["streamed"] = true;
    return {
      body: (async function* () {
        yield "one ";
        yield "two";
      })(),
    };
  },
  "/fail": ({ session }) => {
    session["tried"] = true;
    const error = new Error("out of ink");
    error.stack = "Error: out of ink"; // Express shows the stack, and the bridge's frames are in it
    throw error;
  },
  "/unavailable": ({ session }) => {
    session["tried"] = true;
    return { status: 503, body: "later" };
  },
  "/logout": async ({ session }) => {
    await session.flush();
    return { body: "bye" };
  },
};

/** Two apps with these respond with the same bytes: keys are sequential, time is stopped. */
function serveAlike(adapter: Adapter, engine: Engine, withBridge: boolean): Promise<Served> {
  let drawn = 0;
  const random = (count: number) => {
    drawn += 1;
    return Uint8Array.from({ length: count }, (_, index) => (drawn * 31 + index * 7) % 251);
  };
  const clock = () => 1_790_000_000_000;
  const sessions = createSessions({ secretKey: SECRET_KEY, engine, random, clock, log: () => {} });
  const bridge = withBridge ? openBridge(sessions, { enabled: true, env: {}, log: () => {} }) : undefined;
  return adapter.serve({ sessions, pages: PAGES, bridge });
}

let served: Served | undefined;
afterEach(() => served?.close());

describe.each(ADAPTERS)("the bridge on $name", (adapter) => {
  it("answers the Sessions tab, and leaves its path to the app for everyone else", async () => {
    served = await serveAlike(adapter, cache("memory:"), true);
    const visitor = new Visitor(served.port);
    await visitor.ask("/login");
    const question = { protocol: PROTOCOL_VERSION, cookie: visitor.cookie?.slice("sessionid=".length) };
    const call = {
      method: "POST",
      // as browsers send it: a call with another Connection is the app's
      headers: { Origin: ORIGIN, "Content-Type": "application/json", Connection: "keep-alive" },
      body: JSON.stringify(question),
    };
    const seen = await ask(served.port, `${BRIDGE_PATH}session`, call);
    expect(seen.status).toBe(200);
    expect(JSON.parse(seen.body)).toMatchObject({ found: true, session: { dataJson: '{"user_id":123}' } });
    const page = { ...call, headers: { ...call.headers, Origin: "http://127.0.0.1" } };
    expect((await ask(served.port, `${BRIDGE_PATH}session`, page)).status).toBe(404);
  });

  it("names the trace on every response of the app, and traces what the request did", async () => {
    served = await serveAlike(adapter, cache("memory:"), true);
    const visitor = new Visitor(served.port);
    const seen = await visitor.ask("/login");
    const id = parseTraceHeader(seen.get("session-trace") ?? "");
    expect(id).not.toBeNull();
    for (const path of ["/untouched", "/unavailable", "/fail", "/nowhere"]) {
      const other = await visitor.ask(path);
      expect([path, parseTraceHeader(other.get("session-trace") ?? "")]).not.toContain(null);
    }
  });

  it.each([
    ["memory", () => cache("memory:")],
    ["an engine that loads before the handler", asyncEngine],
    ["signed cookies", signedCookies],
  ])("changes no byte of any response but Session-Trace, with %s", async (_name, engine) => {
    const off = await walk(await serveAlike(adapter, engine(), false));
    const on = await walk(await serveAlike(adapter, engine(), true));
    const asSent = adapter.hasRaw ? (bytes: string) => bytes : withHeadsAlike;
    expect(on.map(withoutTrace).map(asSent)).toEqual(off.map(asSent));
    expect(on.filter((bytes) => withoutTrace(bytes) === bytes)).toEqual([]);
  });
});

/** A visitor's whole visit, as bytes. */
async function walk({ port, close }: Served): Promise<string[]> {
  const seen: string[] = [];
  let cookie = "sessionid=unknownunknownunknown";
  const stay = [
    "/untouched",
    "/read",
    "/visit",
    "/visit",
    "/login",
    "/stream",
    "/untouched",
    "/read",
    "/fail",
  ];
  for (const path of [...stay, "/unavailable", "/nowhere", "/logout", "/read"]) {
    for (const method of path === "/login" ? ["GET"] : ["GET", "HEAD"]) {
      const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`;
      const bytes = await exchangeBytes(port, head);
      cookie = /\r\nset-cookie: (sessionid=[^;]+)/i.exec(bytes)?.[1] ?? cookie;
      seen.push(withoutDate(bytes));
    }
  }
  await close();
  return seen;
}

function withoutTrace(bytes: string): string {
  return bytes.replace(/session-trace: v=1;id=[\w-]{22}(?:;at=\d+)?\r\n/i, "");
}

/** Node writes the real time there. */
function withoutDate(bytes: string): string {
  return bytes.replace(/\r\ndate: [^\r]+/i, "");
}

/** @hono/node-server writes names in lower case, and in another order, once anything has looked at a response's headers. */
function withHeadsAlike(bytes: string): string {
  const [head = "", ...rest] = bytes.split("\r\n\r\n");
  const lines = head.split("\r\n").map((line) => line.replace(/^[\w-]+:/, (name) => name.toLowerCase()));
  return [lines.sort().join("\r\n"), ...rest].join("\r\n\r\n");
}
