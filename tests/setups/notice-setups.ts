/** Set-ups in which the panel does not reach the bridge until the user has done what its notice says. */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { PAGE } from "./app/page.ts";
import { startVite } from "./dev-servers.ts";
import { forwardTo, inNamespace, startPublished } from "./elsewhere.ts";
import { findPort, HERE, makeFolder, startProgram } from "./program.ts";
import { runNginx, startNginx } from "./proxies.ts";
import type { Setup } from "./setup.ts";

/**
 * nginx with TLS that says that its client is on another machine. Under a name such as app.test, only over TLS do browsers say that
 * a request comes from the app's own page, and without that the bridge does not close.
 */
export function startForeignClients(): Promise<Setup> {
  return startNginx({}, { lines: "\n      proxy_set_header X-Forwarded-For 203.0.113.7;", isSecure: true });
}

/** An app on a Unix socket behind nginx. */
interface OnSocket extends Pick<Setup, "pageUrl" | "stop"> {
  /** Starts the app on a port, and nginx with this port, at the same address. */
  moveToPort(): Promise<void>;
}

/** An app that listens on a Unix socket, and nginx in front of it. */
export async function startOnSocket(): Promise<OnSocket> {
  const { folder, remove } = makeFolder();
  const socket = join(folder, "app.sock");
  const startApp = (env: Record<string, string>) =>
    startProgram(
      [process.execPath, "--no-warnings", "--conditions=sessions-source", join(HERE, "app/on-socket.ts")],
      { cwd: HERE, env: { NODE_ENV: "development", SESSION_BRIDGE_TOKEN: "", ...env }, said: /^\w+ (\d+)$/m },
    );
  const pass = (to: string) => `location / { proxy_pass http://${to}; }`;
  let app = await startApp({ SOCKET: socket });
  let nginx = await runNginx(folder, pass(`unix:${socket}`));
  const { pageUrl } = nginx;
  const end = async () => {
    await nginx.stop();
    await app.stop();
  };
  return {
    pageUrl,
    async moveToPort() {
      await end();
      const port = await findPort();
      app = await startApp({ PORT: String(port) });
      nginx = await runNginx(folder, pass(`127.0.0.1:${port}`), { port: Number(new URL(pageUrl).port) });
    },
    async stop() {
      await end();
      remove();
    },
  };
}

/** Vite and its app in one container or on one other machine. */
interface OnlyVite extends Setup {
  /** Forwards the app's port, too, to the same number here: the far end connects to the app from loopback there. */
  forwardApp(): Promise<void>;
  /** The same as a container's published port: connections reach the app from the address of the bridge. */
  publishApp(): Promise<void>;
}

/** Vite and the app on another machine; only Vite's port is forwarded. @param host that the app listens on there */
export function startOnlyViteForwarded(host = "127.0.0.1"): Promise<OnlyVite> {
  return inNamespace(async ({ inside, within }) => {
    const vite = await startVite({ host, within, isPublic: true });
    const front = await forwardTo(inside, Number(new URL(vite.pageUrl).port));
    const ends = [front.stop, vite.stop];
    const { appPort } = vite;
    return {
      ...vite,
      pageUrl: front.pageUrl,
      async forwardApp() {
        const relay = await startProgram([...within, process.execPath, join(HERE, "app/relay.ts")], {
          cwd: HERE,
          env: { HOST: inside, TO: String(appPort) },
          said: /^port (\d+)$/m,
        });
        ends.unshift(relay.stop, (await forwardTo(inside, Number(relay.found), appPort)).stop);
      },
      async publishApp() {
        ends.unshift((await forwardTo(inside, appPort, appPort)).stop);
      },
      async stop() {
        for (const end of ends) await end();
      },
    };
  });
}

/** An app in a container behind nginx that serves the page itself, and passes on only `/api`. */
interface InBetween extends Pick<Setup, "pageUrl" | "stop"> {
  /** The app's own address. */
  appUrl: string;
}

/** An app in a container that answers other machines with a token; nginx on this machine is in front of its API. */
export async function startBehindPages(token: string): Promise<InBetween> {
  const app = await startPublished({ token, bridge: { allowRemote: true } });
  const { folder, remove } = makeFolder();
  const stop = async () => {
    await app.stop();
    remove();
  };
  try {
    await writeFile(join(folder, "index.html"), PAGE);
    const { port } = new URL(app.pageUrl);
    const nginx = await runNginx(
      folder,
      `location / { root ${folder}; }
    location /api { proxy_pass http://127.0.0.1:${port}; }`,
    );
    const all = async () => {
      await nginx.stop();
      await stop();
    };
    return { pageUrl: nginx.pageUrl, appUrl: app.pageUrl, stop: all };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What reached Vite and its app of the calls to a bridge. */
interface Counted extends Setup {
  /** `POST /__sessions/v1/hello`, in their order. */
  calls(): string[];
}

/** Vite and its app, each of which writes down the calls to a bridge that reach it. */
export async function startCounted(): Promise<Counted> {
  const { folder, remove } = makeFolder();
  const file = join(folder, "calls.txt");
  writeFileSync(file, "");
  const preload = `NODE_OPTIONS=--no-warnings --import=${join(HERE, "app/log-calls.ts")}`;
  try {
    const vite = await startVite({ within: ["env", preload, `CALLS_FILE=${file}`] });
    return {
      ...vite,
      calls: () => readFileSync(file, "utf8").split("\n").slice(0, -1),
      async stop() {
        await vite.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Another server on this port of loopback, which answers every request. Ends once, however often it is stopped. */
export async function startStranger(port: number): Promise<{ stop(): Promise<void> }> {
  const server = createHttpServer((_, response) => response.end("not the app"));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A port of loopback on which connections are counted; null if another program has it. */
export async function countConnections(
  port: number,
): Promise<{ count(): number; stop(): Promise<void> } | null> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  const listening = once(server, "listening").then(
    () => true,
    () => false,
  );
  server.listen(port, "127.0.0.1");
  if (!(await listening)) return null;
  const stop = async () => void server.close();
  return { count: () => count, stop };
}
