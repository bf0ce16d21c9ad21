/** A small site with a bridge, over real HTTP, for the bridge's tests: log in, change, fail, log out. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { createSessions, database, type Engine, type Sessions, type SessionsOptions } from "session-bridge";
import { type Bridge, type BridgeOptions, openBridge } from "session-bridge/bridge";
import { sessionMiddleware } from "session-bridge/node";
import { BRIDGE_PATH, type CallName, PROTOCOL_VERSION, parseTraceHeader } from "session-bridge/protocol";
import { createAnswerCounter } from "./raw-answers.ts";

/** An origin that Chromium gives its extensions; no page can send it. */
export const EXTENSION_ORIGIN = `chrome-extension://${"abcdefghijklmnop".repeat(2)}`;

export interface SiteOptions {
  bridge?: BridgeOptions | null;
  engine?: Engine;
  sessions?: Partial<SessionsOptions>;
  /** Runs before the bridge, as an app's other middleware would. */
  before?: (request: IncomingMessage, response: ServerResponse) => void;
  /** The app; the default answers `/set?key=json`, `/login`, `/logout`, `/fail`, `/read`, and 404. */
  app?: (request: IncomingMessage, response: ServerResponse) => unknown;
  /** The app has no session middleware. */
  withoutSessions?: boolean;
}

export interface Site {
  port: number;
  origin: string;
  server: Server;
  sessions: Sessions;
  bridge: Bridge | null;
  /** What the bridge and the library printed. */
  lines: string[];
  /** How often the engine was called. */
  engineCalls(): number;
  /** From now on every call to the engine fails with this message. */
  breakStore(message: string): void;
  close(): Promise<void>;
}

/** Starts a site on a free port, with the bridge open unless `bridge` is null. */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const counted = countCalls(options.engine ?? database("sqlite::memory:"));
  const secretKey = "a secret for tests, fifty characters long, no more no less";
  const sessions = createSessions({
    secretKey,
    engine: counted.engine,
    cookieAge: 3600,
    log,
    ...options.sessions,
  });
  await sessions.migrate();
  const bridge =
    options.bridge === null
      ? null
      : openBridge(sessions, { enabled: true, env: { NODE_ENV: "test" }, log, ...options.bridge });
  const withSession = sessionMiddleware(sessions);
  const app = options.app ?? defaultApp;
  const listener: RequestListener = (request, response) => {
    options.before?.(request, response);
    const run = () => {
      if (options.withoutSessions === true) {
        void app(request, response);
        return;
      }
      withSession(request, response, (error) => {
        if (error === undefined) void app(request, response);
        else response.writeHead(500).end();
      });
    };
    if (bridge === null) run();
    else bridge(request, response, run);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    server,
    sessions,
    bridge,
    lines,
    engineCalls: counted.count,
    breakStore: counted.breakStore,
    async close() {
      bridge?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await sessions.close();
    },
  };
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // a listening TCP server has such an address
}

/** Acts as a browser: keeps the session cookie, and returns each response's trace id. */
export class Visitor {
  cookie = "";
  /** Every cookie that it has had. */
  readonly held: string[] = [];
  readonly traceIds: string[] = [];
  readonly #origin: string;

  constructor(site: Pick<Site, "origin">) {
    this.#origin = site.origin;
  }

  async visit(path: string, method = "GET"): Promise<{ status: number; text: string; traceId: string }> {
    const headers: Record<string, string> = this.cookie === "" ? {} : { cookie: `sessionid=${this.cookie}` };
    const response = await fetch(this.#origin + path, { method, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const value = /^sessionid=([^;]*)/.exec(line)?.[1];
      if (value !== undefined) this.cookie = value === '""' ? "" : value;
      if (this.cookie !== "" && !this.held.includes(this.cookie)) this.held.push(this.cookie);
    }
    const traceId = parseTraceHeader(response.headers.get("session-trace") ?? "") ?? "";
    this.traceIds.push(traceId);
    return { status: response.status, text: await response.text(), traceId };
  }
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape; parse.test.ts checks the shapes
  json: any;
}

/** One call as the extension makes it; headers given as null are left out. */
export async function call(
  site: Pick<Site, "origin">,
  name: CallName | string,
  body: object = {},
  headers: Record<string, string | null> = {},
): Promise<Answer> {
  const all = {
    origin: EXTENSION_ORIGIN,
    "content-type": "application/json",
    "sec-fetch-site": "none",
    ...headers,
  };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  const response = await fetch(site.origin + BRIDGE_PATH + name, {
    method: "POST",
    headers: sent,
    body: JSON.stringify({ protocol: PROTOCOL_VERSION, ...body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseOrNull(text) };
}

/** The session of a cookie as the bridge returns it; fails if there is none. */
export async function readSession(site: Site, cookie: string) {
  const { json } = await call(site, "session", { cookie });
  if (json?.found !== true) throw new Error(`no session: ${JSON.stringify(json)}`);
  return json.session;
}

/**
 * Sends bytes as they are and returns every byte of the response, until it is complete or the server ends the connection.
 *
 * @param answers how many responses to wait for, if the bytes hold several requests
 */
export function sendRaw(port: number, text: string, answers = 1): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, "127.0.0.1").setEncoding("latin1");
    const count = createAnswerCounter();
    let received = "";
    socket.on("data", (part: string) => {
      received += part;
      if (count(part) < answers) return;
      resolve(received);
      socket.destroy();
    });
    socket.once("end", () => resolve(received));
    socket.once("error", reject);
    socket.once("connect", () => socket.write(text));
  });
}

/** The bytes of a call, with the given header lines, including Host, over a connection as browsers make it. */
export function rawCall(
  name: string,
  lines: readonly string[],
  body = '{"protocol":1}',
  version = "1.1",
): string {
  const head = [
    `POST ${BRIDGE_PATH}${name} HTTP/${version}`,
    ...lines,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\nConnection: keep-alive\r\n\r\n${body}`;
}

async function defaultApp(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://site");
  const { session } = request;
  if (url.pathname === "/set") for (const [key, json] of url.searchParams) session.set(key, JSON.parse(json));
  if (url.pathname === "/login") {
    session.set("user_id", 123);
    session.set("username", "john_doe");
    await session.cycleKey();
  }
  if (url.pathname === "/grow") session.set("big", "x".repeat(1_100_000));
  if (url.pathname === "/logout") await session.flush();
  if (url.pathname === "/fail") {
    session.set("half", "done");
    response.statusCode = 500;
  }
  if (url.pathname === "/read") session.get("user_id");
  if (!["/set", "/grow", "/login", "/logout", "/fail", "/read", "/plain"].includes(url.pathname))
    response.statusCode = 404;
  response.setHeader("content-type", "text/plain");
  response.end(`${response.statusCode} ${url.pathname}`);
}

function countCalls(engine: Engine): { engine: Engine; count(): number; breakStore(message: string): void } {
  let calls = 0;
  let broken: string | null = null;
  const counted = ["load", "loadSync", "inspect", "exists", "create", "update", "rename", "delete"];
  const proxy = new Proxy(engine, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...parts: unknown[]) => {
        if (counted.includes(String(name))) {
          calls += 1;
          if (broken !== null) throw new Error(broken);
        }
        return Reflect.apply(value, target, parts);
      };
    },
  });
  const breakStore = (message: string) => {
    broken = message;
  };
  return { engine: proxy, count: () => calls, breakStore };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
