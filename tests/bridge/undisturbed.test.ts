/** Watching changes nothing (T16): raw responses with the bridge on and off are equal, except for `Session-Trace`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { database, signedCookies } from "session-bridge";
import { describe, expect, it } from "vitest";
import { call, readSession, type Site, type SiteOptions, sendRaw, startSite, Visitor } from "./site.ts";

/** Sequential keys, and a clock that a test moves: two sites with these respond with the same bytes. */
function sameEverywhere() {
  let drawn = 0;
  const clock = { now: 1_790_000_000_000 };
  const random = (count: number) => {
    drawn += 1;
    return Uint8Array.from({ length: count }, (_, index) => (drawn * 31 + index * 7) % 251);
  };
  return { clock, sessions: { random, clock: () => clock.now } };
}

/** Node writes the real time into `Date`; without the header nothing of a response depends on when it was made. */
function withoutDate(_request: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
}

const TRACE = /^Session-Trace: v=1;id=[\w-]{22};at=\d+\r\n/im;

/** Sends the same requests to a site with and a site without the bridge; returns both responses, without the trace header. */
async function compare(
  requests: readonly string[],
  options: SiteOptions = {},
  makeEngine = () => database("sqlite::memory:"),
) {
  const results: { answers: string[]; traced: number }[] = [];
  for (const bridge of [null, {}]) {
    const { sessions } = sameEverywhere();
    const site = await startSite({
      ...options,
      engine: makeEngine(),
      bridge,
      sessions: { ...sessions, ...options.sessions },
      before: withoutDate,
    });
    const answers: string[] = [];
    for (const request of requests) {
      const cookie = answers
        .map((answer) => /^Set-Cookie: (sessionid=[^;]*)/im.exec(answer)?.[1])
        .findLast(Boolean);
      answers.push(await sendRaw(site.port, request.replace("COOKIE", cookie ?? "sessionid=none")));
    }
    await site.close();
    results.push({
      answers: answers.map((answer) => answer.replace(TRACE, "")),
      traced: answers.filter((answer) => TRACE.test(answer)).length,
    });
  }
  const [off, on] = results;
  if (off === undefined || on === undefined) throw new Error("both sites are needed");
  return { off, on };
}

const get = (path: string, ...lines: string[]) =>
  `${["GET", path, "HTTP/1.1"].join(" ")}\r\n${["Host: localhost", "Connection: close", ...lines].join("\r\n")}\r\n\r\n`;

describe("responses with the bridge on", () => {
  it("are the same as with it off, for a visitor's whole visit", async () => {
    const cookie = "Cookie: COOKIE";
    const requests = [
      get("/plain"),
      get("/read"),
      get("/plain", "Cookie: sessionid=unknownunknownunknown"),
      get("/read", "Cookie: sessionid=unknownunknownunknown"),
      get("/read", "Cookie: sessionid=x"),
      get("/set?cart=1"),
      get("/read", cookie),
      get("/plain", cookie),
      get("/login", cookie),
      get("/set?cart=%5B1,2%5D", cookie),
      get("/set?cart=%5B1,2%5D", cookie),
      get("/fail", cookie),
      get("/nowhere", cookie),
      get("/logout", cookie),
      get("/read", cookie),
      get("/__sessions/v1/hello", cookie),
      get("/.well-known/appspecific/com.chrome.devtools.json"),
    ];
    for (const more of [{}, { saveEveryRequest: true }, { expireAtBrowserClose: true }]) {
      const { off, on } = await compare(requests, { sessions: more });
      expect(on.answers).toEqual(off.answers);
      expect(on.traced).toBe(requests.length);
      expect(off.traced).toBe(0);
    }
  });

  it("are the same as with it off, for sessions in signed cookies", async () => {
    const requests = [
      get("/set?a=1"),
      get("/read", "Cookie: COOKIE"),
      get("/login", "Cookie: COOKIE"),
      get("/logout", "Cookie: COOKIE"),
    ];
    const { off, on } = await compare(requests, {}, signedCookies);
    expect(on.answers).toEqual(off.answers);
  });

  it("are the same as with it off, however the app writes its headers", async () => {
    const requests = Object.keys(HEADS).map((name) => get(`/${name}`, "Cookie: a=b"));
    for (const options of [
      { app: HEADS_ONLY, withoutSessions: true },
      { app: HEADS_ONLY },
      { app: HEADS_AND_SESSION },
    ]) {
      const { off, on } = await compare(requests, options);
      expect(on.answers).toEqual(off.answers);
      expect(on.traced).toBe(requests.length);
    }
  });
});

/** Ways to write headers in node:http. */
const HEADS: Record<string, (response: ServerResponse) => void> = {
  implicit: (response) => response.end("x"),
  empty: (response) => response.writeHead(204).end(),
  object: (response) => response.writeHead(200, { "X-A": "1", "Set-Cookie": ["a=1", "b=2"] }).end("x"),
  flat: (response) =>
    response.writeHead(200, ["X-A", "1", "X-A", "2", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]).end("x"),
  // node:http accepts this form if it is the only one; its types do not include it
  nested: (response) =>
    response
      .writeHead(200, [
        ["X-A", "1"],
        ["X-A", "2"],
      ] as unknown as string[])
      .end("x"),
  reason: (response) => response.writeHead(202, "Taken", { "X-A": "1" }).end("x"),
  set: (response) => response.setHeader("X-A", ["1", "2"]).writeHead(200).end("x"),
  both: (response) => response.setHeader("X-A", "1").writeHead(200, { "x-a": "2", "X-B": "3" }).end("x"),
  bothFlat: (response) => response.setHeader("X-A", "1").writeHead(200, ["X-A", "2", "X-A", "3"]).end("x"),
  redirect: (response) => response.writeHead(302, { Location: "/x" }).end(),
  unmodified: (response) => response.writeHead(304, { ETag: '"x"' }).end(),
  chunks: (response) => {
    response.write("one");
    response.write("two");
    response.end("three");
  },
  flushed: (response) => {
    response.setHeader("X-A", "1");
    response.flushHeaders();
    response.end("x");
  },
  length: (response) => response.writeHead(200, { "Content-Length": 3 }).end("xyz"),
  trailers: (response) => {
    response.writeHead(200, { Trailer: "X-T" });
    response.write("x");
    response.addTrailers({ "X-T": "1" });
    response.end();
  },
  cleared: (response) => {
    response.setHeader("X-A", "1");
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.end(JSON.stringify(response.getHeaders()));
  },
};

function HEADS_ONLY(request: IncomingMessage, response: ServerResponse): void {
  HEADS[request.url?.slice(1) ?? ""]?.(response);
}

function HEADS_AND_SESSION(request: IncomingMessage, response: ServerResponse): void {
  request.session.set("seen", true);
  HEADS_ONLY(request, response);
}

describe("a panel that reads", () => {
  it("changes neither the stored string, nor its expiry, nor what the visitor then gets", async () => {
    const { clock, sessions } = sameEverywhere();
    const site: Site = await startSite({ sessions: { ...sessions, saveEveryRequest: false } });
    try {
      const visitor = new Visitor(site);
      await visitor.visit("/login", "POST");
      const before = await readSession(site, visitor.cookie);
      for (let count = 0; count < 100; count += 1) {
        clock.now += 1_000;
        await call(site, "session", { cookie: visitor.cookie });
        await call(site, "hello");
      }
      const after = await readSession(site, visitor.cookie);
      expect(after).toEqual(before);
      expect(after.expiresAt).toBe(1_790_000_000_000 + 3_600_000);
    } finally {
      await site.close();
    }
  });
});

describe("an app whose tracing fails", () => {
  it("still responds, and the failure is reported once", async () => {
    const broken = {
      id: "broken",
      append: () => {
        throw new Error("log full");
      },
      read: () => ({ entries: [], evictedThrough: 0, newest: 0 }),
      watch: () => () => {},
      close: () => {},
    };
    const site = await startSite({ bridge: { traceLog: broken } });
    try {
      const visitor = new Visitor(site);
      for (let count = 0; count < 3; count += 1) expect((await visitor.visit("/set?a=1")).status).toBe(200);
      const complaints = () => site.lines.filter((line) => line.includes("could not be traced"));
      await expect.poll(complaints).toHaveLength(1);
      expect((await visitor.visit("/set?a=1")).status).toBe(200);
      site.bridge?.close();
      expect(complaints()).toHaveLength(1);
    } finally {
      await site.close();
    }
  });
});
