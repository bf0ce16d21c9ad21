/**
 * Proxies whose requests look like a browser's: they keep connections alive and add no header. The bridge cannot notice them, which
 * docs/security.md names under "What remains"; a token is the remedy. Each is the real program.
 */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { Agent, createServer } from "node:http";
import { connect, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { createServer as createVite } from "vite";
import { afterEach, describe, expect, it } from "vitest";
import { makeDirectory } from "../../core/engines/servers.ts";
import { EXTENSION_ORIGIN, rawCall, type SiteOptions, sendRaw, startSite } from "../site.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A port that is free now. */
async function findPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function startVite(appPort: number, agent: Agent | undefined): Promise<number> {
  const target = `http://127.0.0.1:${appPort}`;
  const vite = await createVite({
    configFile: false,
    logLevel: "silent",
    server: {
      host: "127.0.0.1",
      port: 0,
      hmr: false,
      ws: false,
      watch: null,
      proxy: { "/": { target, agent } },
    },
    optimizeDeps: { noDiscovery: true },
  });
  await vite.listen();
  closers.push(
    () => vite.close(),
    () => agent?.destroy(),
  );
  const address = vite.httpServer?.address();
  return typeof address === "object" && address ? address.port : 0;
}

async function startNginx(appPort: number, lines: string): Promise<number> {
  const folder = await makeDirectory();
  const file = join(folder.address, "nginx.conf");
  const port = await findPort();
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (kind) => `${kind}_temp_path ${folder.address}/${kind};`,
  );
  await writeFile(
    file,
    `pid ${folder.address}/pid; error_log ${folder.address}/log; worker_processes 1;
${process.getuid?.() === 0 ? "user root;" : ""}
events {}
http { access_log off; ${paths.join(" ")}
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${appPort}; ${lines} } }
}`,
  );
  const run = (...more: string[]) =>
    spawnSync("nginx", ["-e", `${folder.address}/log`, "-c", file, ...more], { encoding: "utf8" });
  const { status, stderr } = run(); // it goes to the background once it listens
  if (status !== 0) throw new Error(stderr);
  closers.push(
    () => folder.remove(),
    () => run("-s", "stop"),
  );
  return port;
}

const KEEP_ALIVE =
  "proxy_http_version 1.1; proxy_set_header Host localhost; proxy_set_header Connection keep-alive;";
const hasNginx = spawnSync("nginx", ["-v"]).status === 0;

interface Way {
  start(appPort: number): Promise<number>;
  /** The nearest set-up of the same program whose calls are refused. Absent if there is none. */
  noticed?: (appPort: number) => Promise<number>;
  isMissing?: boolean;
}

const WAYS: Record<string, Way> = {
  "Vite with an agent that keeps connections alive": {
    start: (appPort) => startVite(appPort, new Agent({ keepAlive: true })),
    noticed: (appPort) => startVite(appPort, undefined),
  },
  "Hono's proxy()": {
    start: (appPort) => startHono(appPort, {}),
    noticed: (appPort) => startHono(appPort, { "x-forwarded-for": "127.0.0.1" }),
  },
  "nginx that sends Connection: keep-alive": {
    start: (appPort) => startNginx(appPort, KEEP_ALIVE),
    noticed: (appPort) => startNginx(appPort, "proxy_http_version 1.1; proxy_set_header Host localhost;"),
    isMissing: !hasNginx && process.env["CI"] === undefined,
  },
  "a TCP relay": {
    start: (appPort) =>
      listen(
        createTcpServer((socket) => {
          const onward = connect(appPort, "127.0.0.1");
          socket.pipe(onward).pipe(socket);
          socket.on("error", () => onward.destroy());
          onward.on("error", () => socket.destroy());
        }),
      ),
  },
};

function startHono(appPort: number, more: Record<string, string>): Promise<number> {
  const app = new Hono();
  app.all("*", (context) =>
    proxy(`http://127.0.0.1:${appPort}${context.req.path}`, {
      ...context.req,
      headers: { ...context.req.header(), ...more },
    }),
  );
  return listen(createServer(getRequestListener(app.fetch)));
}

async function hello(start: (appPort: number) => Promise<number>, bridge: SiteOptions["bridge"]) {
  const site = await startSite({ bridge: bridge ?? {} });
  closers.push(() => site.close());
  const port = await start(site.port);
  const headers = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];
  return sendRaw(port, rawCall("hello", headers));
}

describe.each(Object.entries(WAYS))("%s", (_, { start, noticed, isMissing = false }) => {
  it.skipIf(isMissing)("looks like a browser, which is a documented limit", async () => {
    expect(await hello(start, {})).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.skipIf(isMissing)("gets nothing without the token", async () => {
    expect(await hello(start, { token: "Zk3v9x0q2LmN8pRtY5wBcD" })).toContain("token-missing");
  });

  if (noticed === undefined) return;
  it.skipIf(isMissing)("is noticed in its nearest other form", async () => {
    expect(await hello(noticed, {})).toMatch(/^HTTP\/1\.1 404 /);
  });
});
