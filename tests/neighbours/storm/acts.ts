/** What visitors do in a storm, each as one act: complete responses, aborts, handshakes, pipelined requests. */
import type { Agent } from "node:http";
import { connect } from "node:net";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import { type Asker, Browser, type Question } from "../client.ts";
import { EVENTS, LARGE_ETAG } from "../pages.ts";
import type { HostName } from "../product.ts";
import { SIGNALS_HEADER, Signals } from "../signals.ts";
import type { Dice } from "./random.ts";
import { SOCKET_PATH } from "./stacks.ts";

/** One visitor among those of the storm. */
export interface Visitor {
  port: number;
  host: HostName;
  browser: Browser;
  dice: Dice;
  /** For requests that share connections. */
  agent: Agent;
}

/** The result of an act: null for a complete response, "aborted" if its visitor left, otherwise what is wrong. */
export type Outcome = string | null;

const PATHS: Record<string, readonly string[]> = {
  all: ["/small", "/large", "/file", "/stream", "/visits", "/late", "/slow", "/nothing"],
  more: ["/login", "/logout", "/list"],
};

/** Every act, by its name in the report. */
export const ACTS: Record<string, (visitor: Visitor) => Promise<Outcome>> = {
  get: (visitor) => askWhole(visitor, pickPath(visitor)),
  head: (visitor) => askWhole(visitor, pickPath(visitor), { method: "HEAD" }),
  range: (visitor) => {
    const from = visitor.dice.below(1000);
    const headers = { range: `bytes=${from}-${from + visitor.dice.below(2000)}` };
    return askWhole(visitor, "/file", { headers });
  },
  known: (visitor) => askWhole(visitor, "/large", { headers: { "if-none-match": LARGE_ETAG } }),
  events: (visitor) => askEvents(visitor),
  leave: (visitor) => leave(visitor),
  pipeline: (visitor) => askPipelined(visitor),
  socket: (visitor) => (visitor.host === "Fastify" ? openWebSocket(visitor) : openSocketIo(visitor)),
  upgrade: (visitor) => upgradeToNothing(visitor),
};

function pickPath({ host, dice }: Visitor): string {
  const takesPages = host !== "Koa" && host !== "Fastify";
  return dice.pick([...(PATHS["all"] ?? []), ...(takesPages ? (PATHS["more"] ?? []) : [])]);
}

function headersFor({ dice }: Visitor): Record<string, string> {
  return dice.next() < 0.5 ? { "accept-encoding": "gzip" } : {};
}

async function askWhole(visitor: Visitor, path: string, question: Question = {}): Promise<Outcome> {
  const headers = { ...headersFor(visitor), ...question.headers };
  const shared = visitor.dice.next() < 0.5 ? { agent: visitor.agent } : {};
  try {
    const { fault } = await visitor.browser.ask(path, { ...question, ...shared, headers });
    return fault;
  } catch (error) {
    return `${question.method ?? "GET"} ${path}: ${error instanceof Error ? error.message : error}`;
  }
}

async function askEvents(visitor: Visitor): Promise<Outcome> {
  const signals = new Signals();
  const outcome = await askWhole(visitor, "/events", {
    headers: { [SIGNALS_HEADER]: signals.id },
    onHead: () => signals.tell("head"),
    onText: (text) => {
      for (const event of EVENTS) if (text.includes(`part ${event}`)) signals.tell(`part ${event}`);
    },
  });
  for (const event of EVENTS) signals.tell(`part ${event}`); // a 500 has none
  signals.tell("head");
  signals.forget();
  return outcome;
}

/** Leaves at a random time: before the response, or after some of it. */
function leave({ port, dice, browser }: Visitor): Promise<Outcome> {
  const path = dice.pick(["/endless", "/stream", "/large", "/events", "/slow"]);
  const bytes = dice.pick([0, 1, 300, 5000, 100_000]);
  const afterMs = dice.below(20);
  const encoding = dice.next() < 0.5 ? "Accept-Encoding: gzip\r\n" : "";
  return new Promise((resolve) => {
    let read = 0;
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${encoding}Cookie: ${browser.cookie ?? "none=1"}\r\n\r\n`,
      );
      if (bytes === 0) setTimeout(() => socket.destroy(), afterMs);
    });
    socket.on("data", (chunk: Buffer) => {
      read += chunk.length;
      if (bytes > 0 && read >= bytes) socket.destroy();
    });
    socket.setTimeout(2000, () => socket.destroy());
    socket.on("error", () => {});
    socket.once("close", () => resolve("aborted"));
  });
}

/** Three requests in one piece; the last closes. */
function askPipelined({ port, dice, browser }: Visitor): Promise<Outcome> {
  const cookie = browser.cookie ?? "none=1";
  const paths = [dice.pick(["/small", "/large"]), dice.pick(["/stream", "/slow"]), "/visits"];
  const heads = paths.map((path, at) => {
    const last = at === paths.length - 1 ? "Connection: close\r\n" : "";
    return `GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n${last}\r\n`;
  });
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(heads.join("")));
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => {
      text += part;
    });
    socket.setTimeout(5000, () => socket.destroy());
    socket.on("error", () => {});
    socket.once("close", () => {
      const count = text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
      resolve(count === paths.length ? null : `${count} of ${paths.length} pipelined answers`);
    });
  });
}

async function openSocketIo({ port, dice, browser }: Visitor): Promise<Outcome> {
  const transports = dice.pick([["polling"], ["websocket"], ["polling", "websocket"]]);
  const socket = io(`http://127.0.0.1:${port}`, {
    ...{ transports, forceNew: true, reconnection: false, timeout: 2000 },
    extraHeaders: { cookie: browser.cookie ?? "none=1" },
  });
  const outcome = await new Promise<Outcome>((resolve) => {
    socket.once("hello", () => resolve(null));
    socket.once("connect_error", () => resolve("aborted")); // the store fails at times
    socket.once("disconnect", () => resolve("aborted"));
  });
  socket.close();
  return outcome;
}

function openWebSocket({ port, browser }: Visitor): Promise<Outcome> {
  const headers = { cookie: browser.cookie ?? "none=1" };
  const socket = new WebSocket(`ws://127.0.0.1:${port}${SOCKET_PATH}`, { headers });
  return new Promise((resolve) => {
    let outcome: Outcome = "aborted"; // the store fails at times
    socket.on("error", () => {});
    socket.once("message", () => {
      outcome = null;
      socket.close();
    });
    socket.once("close", () => resolve(outcome));
  });
}

/** A handshake to a path that does not accept it, aborted immediately. */
function upgradeToNothing({ port, browser }: Visitor): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/nowhere`, {
      headers: { cookie: browser.cookie ?? "none=1" },
      handshakeTimeout: 50,
    });
    socket.on("error", () => {});
    socket.once("close", () => resolve("aborted"));
  });
}

/** A visitor without a cookie. */
export function createVisitor(asker: Asker, rest: Omit<Visitor, "browser">): Visitor {
  return { ...rest, browser: new Browser(asker) };
}
