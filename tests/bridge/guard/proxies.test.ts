/** A proxy on the same machine makes everyone look local (T7): what the bridge notices, and what it cannot see. */
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { describeState, describeStateInLine } from "../../../server-bridge/src/protocol/bridge-states.ts";
import {
  call,
  EXTENSION_ORIGIN,
  portOf,
  rawCall,
  type Site,
  type SiteOptions,
  sendRaw,
  startSite,
} from "../site.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

/** What was seen, as the terminal and the panel say it. */
const seen = (header: string) => `a request came through a proxy (it carries ${header})`;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function start(bridge: SiteOptions["bridge"] = {}): Promise<Site> {
  const site = await startSite({ bridge });
  open.push(site);
  return site;
}

/** A reverse proxy in front of the site, like nginx, that changes headers with `rewrite`. Returns its origin. */
async function proxyBefore(
  site: Site,
  rewrite: (headers: IncomingHttpHeaders) => IncomingHttpHeaders,
): Promise<{ origin: string }> {
  const proxy = createServer((request, response) => {
    const { method, url: path } = request;
    const onward = httpRequest(
      { port: site.port, method, path, headers: rewrite(request.headers) },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  return listen(proxy);
}

async function listen(server: Server): Promise<{ origin: string }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { origin: `http://127.0.0.1:${portOf(server)}` };
}

/** Of clients on other machines. */
const FOREIGN: [name: string, value: string][] = [
  ["X-Forwarded-For", "203.0.113.7"],
  ["X-Forwarded-For", "127.0.0.1, 203.0.113.7"],
  ["X-Forwarded-Host", "shop.example"],
  ["Forwarded", "for=203.0.113.7"],
  ["Via", "1.1 localhost"],
  ["X-Real-IP", "2001:db8::7"],
  ["x-FORWARDED-for", "203.0.113.7, ::1"],
];

/** Of clients on this machine, or of none. */
const LOCAL: [name: string, value: string][] = [
  ["X-Forwarded-For", "127.0.0.1"],
  ["X-Forwarded-For", ""],
  ["X-Forwarded-Host", "localhost"],
  ["X-Forwarded-Proto", "https"],
  ["Forwarded", "for=127.0.0.1"],
  ["X-Real-IP", "::1"],
  ["x-FORWARDED-for", "127.0.0.1, ::1"],
];

/** What a browser says over https, or to localhost, when an address was typed into it. */
const TYPED = { headers: { "sec-fetch-site": "none" } };

describe("a request through a proxy that says so", () => {
  for (const [name, value] of LOCAL) {
    it(`goes to the app and leaves the bridge open for clients on this machine: ${name}: ${value}`, async () => {
      const site = await start();
      const proxy = await proxyBefore(site, (headers) => ({ ...headers, [name]: value }));
      expect((await call(proxy, "hello")).status).toBe(404);
      expect((await call(site, "hello")).status).toBe(200);
    });
  }

  for (const [name, value] of FOREIGN) {
    it(`goes to the app and closes the bridge: ${name}: ${value}`, async () => {
      const site = await start();
      const proxy = await proxyBefore(site, (headers) => ({ ...headers, [name]: value }));
      expect((await call(proxy, "hello")).status).toBe(404);
      const direct = await call(site, "hello");
      expect(direct.status).toBe(403);
      expect(direct.json).toMatchObject({ code: "proxied" });
    });
  }

  it("closes it with any request to the app, even before a call to the bridge", async () => {
    const site = await start();
    const proxy = await proxyBefore(site, (headers) => ({ ...headers, "x-forwarded-for": "203.0.113.7" }));
    expect((await fetch(`${proxy.origin}/plain`, TYPED)).status).toBe(200);
    expect((await call(site, "hello")).json).toMatchObject({ code: "proxied" });
  });

  it("leaves it open if the client says nothing, unless the header is one that no script can set (T32)", async () => {
    const site = await start();
    for (const [name, value] of FOREIGN.filter(([header]) => header !== "Via")) {
      const proxy = await proxyBefore(site, (headers) => ({ ...headers, [name]: value }));
      expect((await fetch(`${proxy.origin}/plain`)).status).toBe(200);
      expect((await call(proxy, "hello", {}, { "sec-fetch-site": null })).status).toBe(404);
      expect((await call(site, "hello")).status, name).toBe(200);
    }
    const proxy = await proxyBefore(site, (headers) => ({ ...headers, via: "1.1 proxy" }));
    expect((await fetch(`${proxy.origin}/plain`)).status).toBe(200);
    expect((await call(site, "hello")).json).toMatchObject({ code: "proxied" });
  });

  it("is named in the refusal that the panel gets, with the next step", async () => {
    const site = await start();
    const proxy = await proxyBefore(site, (headers) => ({ ...headers, "cdn-loop": "cloudflare" }));
    await fetch(`${proxy.origin}/plain`, TYPED);
    const { sentence, step } = describeState("closed", { seen: seen("cdn-loop") });
    expect(sentence).toContain("it carries cdn-loop");
    expect((await call(site, "hello")).json).toEqual({
      code: "proxied",
      message: `${sentence} ${step}`,
      protocol: 1,
    });
  });

  it("is reported on the terminal once, with what to do", async () => {
    const site = await start();
    const proxy = await proxyBefore(site, (headers) => ({ ...headers, via: "1.1 proxy" }));
    for (let count = 0; count < 3; count += 1) await fetch(`${proxy.origin}/plain`);
    const line = describeStateInLine("closed", { seen: seen("via") });
    expect(site.lines.slice(1)).toEqual([`[session-bridge] ${line}`]);
  });
});

describe("a request through a proxy that keeps the outer Host", () => {
  const outer = (site: Site, host: string) => proxyBefore(site, (headers) => ({ ...headers, host }));

  it("is not answered, leaves localhost open, and the terminal names the option for another name (T32)", async () => {
    const site = await start();
    const proxy = await outer(site, "shop.example");
    for (let count = 0; count < 3; count += 1) expect((await call(proxy, "hello")).status).toBe(404);
    expect((await call(site, "hello")).status).toBe(200);
    expect(site.lines.slice(1)).toEqual([
      `[session-bridge] ${describeStateInLine("hosts", { host: "shop.example" })}`,
    ]);
  });

  it("is told to use localhost if the name is another spelling of it", async () => {
    for (const host of ["localhost.:3000", "0.0.0.0:3000", "[::ffff:7f00:1]:3000", "[::]"]) {
      const site = await start();
      await sendRaw(site.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(site.lines.at(-1), host).toMatch(
        /^\[session-bridge\] The bridge does not answer .*Open the app as localhost/,
      );
    }
  });

  it("is reported for a bounded number of names, each of bounded length", async () => {
    const site = await start();
    for (let count = 0; count < 40; count += 1) {
      const host = `${count}.${"a".repeat(200)}.test`;
      await sendRaw(site.port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    }
    const told = site.lines.slice(1);
    expect(told).toHaveLength(9);
    expect(told.at(-1)).toBe("[session-bridge] Further hosts are refused without another line.");
    for (const line of told) expect(line.length).toBeLessThan(700);
    expect((await call(site, "hello")).status).toBe(200);
  });

  it("does not close it for a name in hosts", async () => {
    const site = await start({ hosts: ["app.test"] });
    await sendRaw(site.port, "GET / HTTP/1.1\r\nHost: app.test:3000\r\nConnection: close\r\n\r\n");
    expect((await call(site, "hello")).status).toBe(200);
    expect(site.lines).toHaveLength(1);
  });
});

describe("HTTP/1.0, which default nginx uses to the server behind it", () => {
  it("is never answered by the bridge, and does not close it", async () => {
    const site = await start();
    const lines = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
    expect(await sendRaw(site.port, rawCall("hello", lines, '{"protocol":1}', "1.0"))).toContain("404");
    expect((await call(site, "hello")).status).toBe(200);
  });
});

describe("a proxy that adds no header and rewrites the Host", () => {
  const silent = (site: Site) => proxyBefore(site, (headers) => ({ ...headers, host: "localhost" }));

  /** What a browser sends from a page over https. */
  const page = { origin: "https://shop.example", "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };

  it("closes the bridge as soon as a browser posts through it from a page over https (T33)", async () => {
    const site = await start();
    const proxy = await silent(site);
    expect((await fetch(`${proxy.origin}/plain`, { method: "POST", headers: page })).status).toBe(200);
    expect((await call(proxy, "hello")).json).toMatchObject({ code: "proxied" });
    expect((await call(site, "hello")).json.message).toContain(
      'a page of https://shop.example reached this server through a proxy (if shop.example is a name of this machine, pass hosts: ["shop.example"])',
    );
  });

  it("closes it as soon as a request by a page's script or link comes through", async () => {
    for (const [mode, kind] of [
      ["navigate", "document"],
      ["no-cors", "script"],
      ["cors", "empty"],
    ]) {
      const site = await start();
      const headers = [
        "Host: localhost",
        "Referer: https://shop.example/cart",
        "Sec-Fetch-Site: same-origin",
      ];
      const lines = [...headers, `Sec-Fetch-Mode: ${mode}`, `Sec-Fetch-Dest: ${kind}`, "Connection: close"];
      await sendRaw(site.port, `GET /plain HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      expect((await call(site, "hello")).json, mode).toMatchObject({ code: "proxied" });
    }
  });

  it("cannot be distinguished from a local browser in any other way, which is a documented limit", async () => {
    const site = await start();
    expect((await call(await silent(site), "hello")).status).toBe(200);
  });

  it("is blocked by a token", async () => {
    const site = await start({ token: TOKEN });
    expect((await call(await silent(site), "hello")).json).toMatchObject({ code: "token-missing" });
  });

  it("still gets no session without its cookie", async () => {
    const site = await start();
    const { json } = await call(await silent(site), "session", { cookie: "a".repeat(32) });
    expect(json).toMatchObject({ found: false, reason: "unknown" });
  });
});

describe("a raw tunnel to this machine", () => {
  it("looks like a local browser, and is blocked by a token", async () => {
    const site = await start({ token: TOKEN });
    const tunnel = createTcpServer((socket) => {
      const onward = connect(site.port, "127.0.0.1");
      socket.pipe(onward).pipe(socket);
      socket.on("error", () => onward.destroy());
      onward.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => tunnel.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => tunnel.close() });
    const address = tunnel.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const lines = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
    expect(await sendRaw(port, rawCall("hello", lines))).toContain("token-missing");
  });
});

describe("with a token", () => {
  it("a proxy does not close the bridge, and calls through it are still not answered", async () => {
    const site = await start({ token: TOKEN });
    const proxy = await proxyBefore(site, (headers) => ({ ...headers, "x-forwarded-for": "203.0.113.7" }));
    const headers = { "session-bridge-token": TOKEN };
    expect((await call(proxy, "hello", {}, headers)).status).toBe(404);
    expect((await call(site, "hello", {}, headers)).status).toBe(200);
  });

  it("and allowRemote, calls through a proxy are answered, to read only", async () => {
    const site = await start({ token: TOKEN, allowRemote: true });
    const proxy = await proxyBefore(site, (headers) => ({
      ...headers,
      host: "shop.example",
      via: "1.1 proxy",
    }));
    const { json } = await call(proxy, "hello", {}, { "session-bridge-token": TOKEN });
    expect(json.capabilities).toEqual(["prove", "read", "traces", "conflicts"]);
    expect((await call(proxy, "hello")).json).toMatchObject({ code: "token-missing" });
  });
});
