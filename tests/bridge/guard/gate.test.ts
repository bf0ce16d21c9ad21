/** The gate: what a request must be to reach the bridge (T2, T3, T4, T5 as far as a server can show them, T9, T11). */
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { call, EXTENSION_ORIGIN, rawCall, type Site, sendRaw, startSite, Visitor } from "../site.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";
const good = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];

/** The app's own response to a path that it does not know. */
const APPS_OWN = "404 /__sessions/v1/session";

let site: Site;
let cookie: string;

beforeEach(async () => {
  site = await startSite();
  const visitor = new Visitor(site);
  await visitor.visit("/login", "POST");
  cookie = visitor.cookie;
});
afterEach(() => site.close());

const ask = (headers: Record<string, string | null>) => call(site, "session", { cookie }, headers);

describe("a request that no extension can send", () => {
  const origins: (string | null)[] = [
    null,
    "null",
    "",
    "http://localhost:3000",
    "http://localhost:5173",
    "https://evil.example",
    "file://",
    "chrome-extension://",
    "chrome-extension://abcdefghijklmnop",
    `chrome-extension://${"z".repeat(32)}`,
    `${EXTENSION_ORIGIN}.evil.com`,
    `${EXTENSION_ORIGIN}/`,
    `http://${"a".repeat(32)}`,
    `CHROME-EXTENSION://${"a".repeat(32)}`,
    "moz-extension://evil.com",
    "safari-web-extension://7c9f4b1e-0000-4000-8000-000000000000",
  ];
  for (const origin of origins) {
    it(`goes to the app with the Origin ${JSON.stringify(origin)}, and does not reach the store`, async () => {
      const calls = site.engineCalls();
      const { status, text } = await ask({ origin });
      expect({ status, text }).toEqual({ status: 404, text: APPS_OWN });
      expect(site.engineCalls()).toBe(calls);
    });
  }

  it("goes to the app when it has two Origins", async () => {
    const answer = await sendRaw(site.port, rawCall("session", [...good, "Origin: http://localhost"]));
    expect(answer).toContain(APPS_OWN);
  });

  it("goes to the app when it has many more headers than a browser sends", async () => {
    const many = (count: number) => [...good, ...Array.from({ length: count }, (_, at) => `X-${at}: 1`)];
    expect(await sendRaw(site.port, rawCall("session", many(100)))).not.toContain(APPS_OWN);
    expect(await sendRaw(site.port, rawCall("session", many(250)))).toContain(APPS_OWN);
  });

  for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    it(`goes to the app when it is ${method}`, async () => {
      const response = await fetch(`${site.origin}/__sessions/v1/session`, {
        method,
        headers: { origin: EXTENSION_ORIGIN },
      });
      expect(response.status).toBe(404);
      expect(response.headers.get("allow")).toBeNull();
    });
  }

  for (const name of ["", "hello/", "hello?x=1", "nothing", "__proto__", "..%2fhello", "%68ello", "HELLO"]) {
    it(`goes to the app when the path ends in ${JSON.stringify(name)}`, async () => {
      expect((await call(site, name)).status).toBe(404);
    });
  }
});

describe("an extension's request", () => {
  it("is answered with Chromium's and Firefox's headers", async () => {
    expect((await ask({})).json).toMatchObject({ found: true });
    const firefox = await ask({
      origin: "moz-extension://7c9f4b1e-aaaa-4bbb-8ccc-0123456789ab",
      "sec-fetch-site": "same-origin",
    });
    expect(firefox.json).toMatchObject({ found: true });
  });

  it("is refused with a code when it comes from another site", async () => {
    for (const site of ["same-site", "cross-site", "none, cross-site"]) {
      const { status, json } = await ask({ "sec-fetch-site": site });
      expect({ status, code: json.code }).toEqual({ status: 403, code: "fetch-site" });
    }
  });

  it("is refused with a code when its Content-Type is not JSON", async () => {
    for (const type of [null, "text/plain", "application/x-www-form-urlencoded", "application/json-evil"]) {
      const { status, json } = await ask({ "content-type": type });
      expect({ status, code: json.code }).toEqual({ status: 403, code: "not-json" });
    }
    expect((await ask({ "content-type": "application/json; charset=utf-8" })).status).toBe(200);
  });

  it("is refused with a code when its Content-Type is JSON and something else", async () => {
    for (const types of [
      ["application/json", "text/plain"],
      ["text/plain", "application/json"],
    ]) {
      const lines = types.map((type) => `Content-Type: ${type}`);
      const answer = await sendRaw(site.port, rawCall("hello", [...good.slice(0, 2), ...lines]));
      expect(answer).toContain('"code":"not-json"');
    }
  });

  it("is refused with a code when its Content-Type comes twice, even if both are JSON", async () => {
    for (const second of ["application/json", "application/json; charset=utf-8", ""]) {
      const lines = [...good, `Content-Type: ${second}`];
      expect(await sendRaw(site.port, rawCall("hello", lines)), second).toContain('"code":"not-json"');
    }
  });

  it("is refused with a code when its body is not JSON", async () => {
    const answer = await sendRaw(site.port, rawCall("hello", good, "{protocol:1}"));
    expect(answer).toContain('"code":"malformed"');
  });

  it("is refused by its Content-Length alone when that is too large", async () => {
    const head = rawCall("hello", good, "").replace("Content-Length: 0", "Content-Length: 999999999");
    expect(await sendRaw(site.port, head)).toContain('"code":"too-large"');
  });

  it("gets a response that no page can read and no cache stores", async () => {
    const { headers } = await ask({});
    expect(headers.get("cache-control")).toBe("no-store, no-transform");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("session-trace")).toBeNull();
  });
});

describe("the connection of an extension's request", () => {
  const over = (connection: readonly string[], lines = good, port = site.port) => {
    const sent = rawCall("session", lines, JSON.stringify({ protocol: 1, cookie }));
    const own = connection.map((line) => `${line}\r\n`).join("");
    return sendRaw(port, sent.replace("Connection: keep-alive\r\n", own));
  };

  it.each([
    [["Connection: upgrade"]],
    [["Connection: close"]],
    [["Connection: TE, close"]],
    [["Connection: keep-alive, x"]],
    [["Connection: keep-alive", "Connection: keep-alive"]],
    [["Connection: keep-alive", "Connection: close"]],
    [[]],
  ])("is a proxy's with the headers %j: it goes to the app", async (connection) => {
    const calls = site.engineCalls();
    expect(await over(connection)).toContain(APPS_OWN);
    expect(site.engineCalls()).toBe(calls);
  });

  it.each(["keep-alive", "Keep-Alive", "KEEP-ALIVE"])("is a browser's with Connection: %s", async (value) => {
    expect(await over([`Connection: ${value}`])).toContain('"found":true');
  });

  it("needs no header if a command line makes it, with the token and without an Origin", async () => {
    const guarded = await startSite({ bridge: { token: TOKEN } });
    onTestFinished(() => guarded.close());
    const token = `Session-Bridge-Token: ${TOKEN}`;
    const line = ["Host: localhost", "Content-Type: application/json", token];
    expect(await over([], line, guarded.port)).toMatch(/^HTTP\/1.1 200 /);
    expect(await over([], [...good, token], guarded.port)).toContain(APPS_OWN);
    expect(await over(["Connection: close"], line, guarded.port)).toContain(APPS_OWN);
  });
});

describe("behind an app's own CORS", () => {
  it("adds none of its headers to the bridge's responses, and opens nothing to pages", async () => {
    const open = await startSite({
      before(request, response) {
        response.setHeader("Access-Control-Allow-Origin", request.headers.origin ?? "*");
        response.setHeader("Access-Control-Allow-Credentials", "true");
        response.setHeader("Vary", "Origin");
      },
    });
    try {
      const mine = await call(open, "hello");
      expect(mine.status).toBe(200);
      expect([...mine.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      expect(
        (await call(open, "hello", {}, { "content-type": "text/plain" })).headers.get("vary"),
      ).toBeNull();
      const pages = await call(open, "hello", {}, { origin: "http://localhost:5173" });
      expect(pages.status).toBe(404);
      expect(pages.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    } finally {
      await open.close();
    }
  });
});

describe("a WebSocket", () => {
  it("is never opened: an upgrade is an ordinary request of the app", async () => {
    expect(site.server.listenerCount("upgrade")).toBe(0);
    const answer = await sendRaw(
      site.port,
      `GET /__sessions/v1/traces HTTP/1.1\r\nHost: localhost\r\nOrigin: ${EXTENSION_ORIGIN}\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
  });
});

describe("the token, if one is set", () => {
  let guarded: Site;
  beforeEach(async () => {
    guarded = await startSite({ bridge: { token: TOKEN } });
  });
  afterEach(() => guarded.close());

  it("is required of an extension", async () => {
    expect((await call(guarded, "hello")).json).toMatchObject({ code: "token-missing" });
    expect((await call(guarded, "hello", {}, { "session-bridge-token": TOKEN })).status).toBe(200);
  });

  it("has to match exactly, whatever the length of the sent one", async () => {
    for (const sent of [TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toLowerCase(), "x", "x".repeat(5_000)]) {
      const { status, json } = await call(guarded, "hello", {}, { "session-bridge-token": sent });
      expect({ status, code: json.code }).toEqual({ status: 403, code: "token-wrong" });
    }
  });

  it("replaces the Origin for a command line", async () => {
    const line = { origin: null, "sec-fetch-site": null };
    const bare = (headers: string[]) =>
      sendRaw(
        guarded.port,
        rawCall("hello", ["Host: localhost", "Content-Type: application/json", ...headers]),
      );
    expect(await bare([`Session-Bridge-Token: ${TOKEN}`])).toMatch(/^HTTP\/1.1 200 /);
    expect(await bare(["Session-Bridge-Token: wrong"])).toMatch(/^HTTP\/1.1 404 /);
    expect(await bare([`Session-Bridge-Token: ${TOKEN}`, "Sec-Fetch-Mode: cors"])).toMatch(/^HTTP\/1.1 404 /);
    expect((await call(guarded, "hello", {}, line)).status).toBe(404);
  });

  it("does not help a page that learned it", async () => {
    const { status } = await call(
      guarded,
      "hello",
      {},
      { origin: "http://localhost:3000", "session-bridge-token": TOKEN },
    );
    expect(status).toBe(404);
  });
});

describe("a body that an earlier parser has already read", () => {
  const text = '{"protocol":1}';

  it.each([{ protocol: 1 }, text, Buffer.from(text)])(
    "is taken from the parser's result: %s",
    async (body) => {
      const parsed = await startSite({
        before(request) {
          Object.assign(request, { body });
          Object.defineProperty(request, "readableDidRead", { value: true });
        },
      });
      try {
        expect((await call(parsed, "hello")).status).toBe(200);
      } finally {
        await parsed.close();
      }
    },
  );

  it("and not kept is reported as missing, with the reason", async () => {
    const read = await startSite({
      before: (request) => Object.defineProperty(request, "readableDidRead", { value: true }),
    });
    const answer = await call(read, "hello");
    const headers = { origin: EXTENSION_ORIGIN, "content-type": "application/json" };
    const request = new Request("http://localhost/__sessions/v1/hello", {
      method: "POST",
      headers,
      body: text,
    });
    await request.text();
    const fetched = await read.bridge?.fetch(request, { peerAddress: "127.0.0.1" }, () => new Response());
    await read.close();
    for (const { status, json } of [answer, { status: fetched?.status, json: await fetched?.json() }]) {
      expect({ status, code: json.code }).toEqual({ status: 403, code: "malformed" });
      expect(json.message).toContain("Put the bridge before any middleware that reads bodies");
    }
  });
});

describe("a caller who goes away", () => {
  it("leaves nothing behind, with half a body sent", async () => {
    const half = httpRequest({
      port: site.port,
      method: "POST",
      path: "/__sessions/v1/hello",
      headers: { origin: EXTENSION_ORIGIN, "content-type": "application/json", "content-length": 100 },
    });
    half.on("error", () => {});
    half.write('{"protocol"');
    await once(site.server, "request");
    const closed = new Promise((resolve) => half.once("close", resolve));
    half.destroy();
    await closed;
    expect((await call(site, "hello")).status).toBe(200);
    expect(site.lines.filter((line) => line.includes("failed"))).toEqual([]);
  });
});
