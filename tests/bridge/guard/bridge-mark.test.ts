/** What responses say about the bridge: where it is, and what keeps it from answering. Each state on a real server. */
import { readFileSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type RequestOptions,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { createServer as createTlsServer, request as requestTls } from "node:https";
import type { AddressInfo, ListenOptions, Server } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { cache } from "session-bridge";
import { openBridge } from "session-bridge/bridge";
import { type BridgeMark, readTraceHeader } from "session-bridge/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { ADAPTERS } from "../../adapters/adapters.ts";
import { sessionsOn } from "../../adapters/stores.ts";
import { makeDirectory } from "../../core/engines/servers.ts";
import { call, type Site, type SiteOptions, startSite } from "../site.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";
const PEM = readFileSync(join(import.meta.dirname, "../../e2e/sites/self-signed.pem"));
/** An address of this machine that is not loopback: a call to it also comes from it. */
const OUTER = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

/** What a proxy passes on for a browser on another machine that opens the site over https. */
const FAR_BROWSER = { "x-forwarded-for": "203.0.113.7", "sec-fetch-site": "none" };

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(bridge: SiteOptions["bridge"] = {}): Promise<Site> {
  const site = await startSite({ bridge });
  closers.push(() => site.close());
  return site;
}

/** What the request handler of the site is called with; only node:http's types differ from those of TLS and HTTP/2. */
function listenerOf(site: Site): RequestListener {
  const [listener] = site.server.listeners("request");
  return listener as RequestListener; // the one that the site was created with
}

async function serve(server: Server, where: ListenOptions): Promise<number> {
  await new Promise<void>((resolve) => server.listen(where, resolve));
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port; // undefined for a socket's path, which has no port
}

/** The mark on the response to one request; a new connection each time. */
function visit(where: RequestOptions, headers: OutgoingHttpHeaders = {}): Promise<BridgeMark> {
  return markOf(where, headers, requestHttp);
}

function markOf(
  where: RequestOptions,
  headers: OutgoingHttpHeaders,
  request: typeof requestHttp,
): Promise<BridgeMark> {
  const options = { host: "127.0.0.1", path: "/plain", agent: false, ...where };
  return new Promise((resolve, reject) => {
    request({ ...options, headers: { host: "localhost", ...headers } }, (response) => {
      response.resume();
      resolve(toMark(response.headers));
    })
      .once("error", reject)
      .end();
  });
}

function toMark(headers: IncomingHttpHeaders | Record<string, unknown>): BridgeMark {
  const header = readTraceHeader(String(headers["session-trace"]));
  if (header === null) throw new Error(`no trace: ${JSON.stringify(headers)}`);
  return { at: header.at, state: header.state };
}

describe("where the bridge is", () => {
  it.each(ADAPTERS)("is the port of $name, if the server reports it", async ({ serve: serveApp, hasRaw }) => {
    const sessions = sessionsOn(cache("memory:"));
    const bridge = openBridge(sessions, { enabled: true, env: {}, log: () => {} });
    const { port, close } = await serveApp({ sessions, bridge, pages: { "/plain": () => ({ body: "x" }) } });
    closers.push(close, () => bridge.close());
    for (let count = 0; count < 2; count += 1) {
      const at = hasRaw ? { port, isTls: false } : null;
      expect(await visit({ port })).toEqual({ at, state: null });
    }
  });

  it("names TLS if it ends in the app", async () => {
    const site = await start();
    const port = await serve(createTlsServer({ key: PEM, cert: PEM }, listenerOf(site)), {
      host: "127.0.0.1",
      port: 0,
    });
    const options = { port, rejectUnauthorized: false };
    for (let count = 0; count < 2; count += 1)
      expect(await markOf(options, {}, requestTls)).toEqual({ at: { port, isTls: true }, state: null });
    expect(await visit({ port: site.port })).toEqual({ at: { port: site.port, isTls: false }, state: null });
  });

  it("is named over HTTP/2", async () => {
    const site = await start();
    const server = createHttp2Server((request, response) =>
      // the compatibility API has every method of node:http's that the bridge calls
      listenerOf(site)(request as unknown as IncomingMessage, response as unknown as never),
    );
    const port = await serve(server, { host: "127.0.0.1", port: 0 });
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    closers.push(() => session.destroy());
    const stream = session.request({ ":path": "/plain" });
    const headers = await new Promise<IncomingHttpHeaders>((resolve) => stream.once("response", resolve));
    expect(toMark(headers)).toEqual({ at: { port, isTls: false }, state: null });
  });

  it("is named to a server that passes requests on from this machine, as it is", async () => {
    const site = await start();
    const at = { port: site.port, isTls: false };
    for (const headers of [
      { "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost:5173" },
      { forwarded: "for=127.0.0.1;host=localhost" },
      { "x-forwarded-proto": "https" },
      { connection: "close" },
    ]) {
      expect(await visit({ port: site.port }, headers)).toEqual({ at, state: null });
    }
  });
});

describe("over fetch", () => {
  async function ask(site: Site, context: Parameters<NonNullable<Site["bridge"]>["fetch"]>[1], url: string) {
    const response = await site.bridge?.fetch(new Request(url), context, () => new Response("x"));
    return toMark(Object.fromEntries(response?.headers ?? []));
  }

  it("the bridge is where the server says", async () => {
    const site = await start();
    const peerAddress = "127.0.0.1";
    const localPort = 3000;
    const url = "http://localhost:3000/";
    expect(await ask(site, { peerAddress, localPort }, url)).toEqual({
      at: { port: 3000, isTls: false },
      state: null,
    });
    expect(await ask(site, { peerAddress, localPort: 3443 }, "https://localhost:3443/")).toEqual({
      at: { port: 3443, isTls: true },
      state: null,
    });
    expect(await ask(site, { peerAddress }, url)).toEqual({ at: null, state: null });
    expect(await ask(site, { peerAddress: "203.0.113.7", localPort }, url)).toEqual({
      at: null,
      state: "remote",
    });
  });

  it("`peer` says that the server does not report who calls; with a token that is enough in development", async () => {
    const url = "http://localhost:3000/";
    expect(await ask(await start(), { localPort: 3000 }, url)).toEqual({ at: null, state: "peer" });
    const guarded = await start({ token: TOKEN });
    expect(await ask(guarded, { localPort: 3000 }, url)).toEqual({ at: null, state: "token" });
    expect(await ask(guarded, {}, "http://app.test/")).toEqual({ at: null, state: "hosts" });
    const unset = await start({ token: TOKEN, env: {} });
    expect(await ask(unset, { localPort: 3000 }, url)).toEqual({ at: null, state: "peer" });
  });
});

describe("a Unix socket", () => {
  it("has no peer and no port", async () => {
    const site = await start();
    const folder = await makeDirectory();
    closers.push(() => folder.remove());
    const socketPath = join(folder.address, "app.sock");
    await serve(createServer(listenerOf(site)), { path: socketPath });
    expect(await visit({ socketPath })).toEqual({ at: null, state: "peer" });
  });
});

describe("a name that the bridge does not know", () => {
  it("is refused alone: localhost has no state, before and after", async () => {
    const site = await start();
    const at = { port: site.port, isTls: false };
    for (let count = 0; count < 2; count += 1) {
      for (const host of ["localhost", "127.0.0.1:80", "[::1]", "app.localhost"])
        expect(await visit({ port: site.port }, { host }), host).toEqual({ at, state: null });
      for (const host of ["app.test", "localhost.", "0.0.0.0", "app.test:99999"])
        expect(await visit({ port: site.port }, { host }), host).toEqual({ at, state: "hosts" });
    }
    expect((await call(site, "hello")).status).toBe(200);
  });

  it("is known once it is in `hosts`", async () => {
    const site = await start({ hosts: ["app.test"] });
    expect((await visit({ port: site.port }, { host: "app.test:3000" })).state).toBeNull();
    expect((await visit({ port: site.port }, { host: "x.app.test:3000" })).state).toBe("hosts");
  });
});

describe("a bridge with a token", () => {
  it("says so, and says first what the token does not help against", async () => {
    const site = await start({ token: TOKEN });
    expect((await visit({ port: site.port })).state).toBe("token");
    expect((await visit({ port: site.port }, { host: "app.test" })).state).toBe("hosts");
    await visit({ port: site.port }, FAR_BROWSER);
    const at = { port: site.port, isTls: false };
    expect(await visit({ port: site.port })).toEqual({ at, state: "token" });
  });
});

describe("a request that a proxy on this machine passes on for a client elsewhere", () => {
  it.each([
    { "x-forwarded-for": "203.0.113.7" },
    { "x-forwarded-for": "127.0.0.1, 203.0.113.7" },
    { "x-forwarded-host": "shop.example" },
    { forwarded: "for=203.0.113.7" },
    { "cf-ray": "1" },
  ])("learns no port: %j", async (headers) => {
    const at = (port: number) => ({ port, isTls: false });
    const site = await start();
    const guarded = await start({ token: TOKEN });
    const remote = await start({ token: TOKEN, allowRemote: true });
    for (let count = 0; count < 2; count += 1) {
      expect(await visit({ port: site.port }, headers)).toEqual({ at: null, state: null });
      expect(await visit({ port: guarded.port }, headers)).toEqual({ at: null, state: "token" });
      expect(await visit({ port: remote.port }, headers)).toEqual({ at: null, state: "token" });
      expect(await visit({ port: site.port })).toEqual({ at: at(site.port), state: null });
      expect(await visit({ port: guarded.port })).toEqual({ at: at(guarded.port), state: "token" });
    }
  });
});

describe("a bridge that closed itself", () => {
  it("says so from the response on that made it close, to every request, and where it is to none", async () => {
    const site = await start();
    const at = { port: site.port, isTls: false };
    for (let count = 0; count < 2; count += 1)
      expect(await visit({ port: site.port })).toEqual({ at, state: null });
    for (const headers of [FAR_BROWSER, {}, {}, { host: "app.test" }])
      expect(await visit({ port: site.port }, headers)).toEqual({ at: null, state: "closed" });
    expect((await call(site, "hello")).json).toMatchObject({ code: "proxied" });
  });
});

/** Without a second address the tests are skipped, except where every test must run. */
const withOuter = it.skipIf(OUTER === undefined && process.env["CI"] === undefined);

describe("a caller on another machine", () => {
  /** The same app once more, at every address of this machine. */
  async function reach(bridge: SiteOptions["bridge"] = {}) {
    const site = await start(bridge);
    const port = await serve(createServer(listenerOf(site)), { host: "0.0.0.0", port: 0 });
    return { site, port, far: { host: OUTER ?? "", port } };
  }

  withOuter("learns that it is one, and no port", async () => {
    const { site, port, far } = await reach();
    for (const headers of [{}, {}, { host: "app.test" }, { "x-forwarded-for": "203.0.113.7" }])
      expect(await visit(far, headers)).toEqual({ at: null, state: "remote" });
    expect(await visit({ port })).toEqual({ at: { port, isTls: false }, state: null });
    expect(site.lines.slice(1)).toEqual([expect.stringContaining(`Requests reach the app from ${OUTER}`)]);
  });

  withOuter("learns it also after the bridge closed itself, and with a token", async () => {
    const { port, far } = await reach({ token: TOKEN });
    expect(await visit(far)).toEqual({ at: null, state: "remote" });
    const closed = await reach();
    await visit({ port: closed.port }, FAR_BROWSER);
    expect(await visit(closed.far)).toEqual({ at: null, state: "remote" });
    expect((await visit({ port })).state).toBe("token");
  });

  withOuter("learns no port with allowRemote either, but that the token is all it needs", async () => {
    const { site, port, far } = await reach({ token: TOKEN, allowRemote: true });
    for (const headers of [{}, { host: "shop.example" }, { "x-forwarded-for": "203.0.113.7" }])
      expect(await visit(far, headers)).toEqual({ at: null, state: "token" });
    expect(await visit({ port })).toEqual({ at: { port, isTls: false }, state: "token" });
    const named = await reach({ token: TOKEN, allowRemote: true, hosts: ["shop.example"] });
    expect((await visit(named.far, { host: "shop.example" })).state).toBe("token");
    expect((await visit(named.far, { host: "other.example" })).state).toBe("hosts");
    expect(site.lines).toHaveLength(1);
  });
});

describe("a response whose head the app writes itself", () => {
  it("has the same mark", async () => {
    const heads: ((response: ServerResponse) => unknown)[] = [
      (response) => response.end("x"),
      (response) => response.writeHead(200, { "X-A": "1" }).end("x"),
      (response) => response.writeHead(200, ["X-A", "1"]).end("x"),
      (response) => response.setHeader("X-A", "1").writeHead(204).end(),
    ];
    for (const write of heads) {
      const site = await startSite({ app: (_request, response) => write(response) });
      closers.push(() => site.close());
      expect(await visit({ port: site.port }, { host: "app.test" })).toEqual({
        at: { port: site.port, isTls: false },
        state: "hosts",
      });
    }
  });
});
