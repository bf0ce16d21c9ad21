/**
 * A real app with Better Auth on Express or Hono, as its documentation makes it, with the bridge or without. Its options are
 * the test's.
 */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { type BetterAuthOptions, betterAuth as createAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import express from "express";
import { Hono } from "hono";
import { type Bridge, openBridge } from "session-bridge/bridge";
import { betterAuth, traceBetterAuth } from "session-bridge/sources";

/** Canaries: they must be in no trace, line or answer. */
export const SECRET = "canary-secret-7Zq2XbT9vKf4LmWc8RnJ";
export const PASSWORD = "canary-password-Hx5pQd81";
export const JOHN = { email: "john_doe@example.com", name: "john_doe", password: PASSWORD };
export const JANE = { email: "jane_roe@example.com", name: "jane_roe", password: PASSWORD };

type Auth = ReturnType<typeof createAuth>;
export type Host = "express" | "hono";

export type AuthOptions = Omit<BetterAuthOptions, "baseURL">;

/** What a test decides. */
export interface AppOptions {
  auth?: AuthOptions;
  host?: Host;
  /** False: the app as it is without the library. Default: true. */
  bridge?: boolean;
  /** True: the bridge is given another instance than the one that answers, as in an app that is bundled. Default: false. */
  bundled?: boolean;
}

/** An app that listens. */
export interface AuthApp {
  base: string;
  /** Every line that the bridge printed. */
  lines: string[];
  auth: Auth;
  close(): Promise<void>;
}

/** `GET /me` answers with the session, as a handler of the app sees it. */
export async function startApp(options: AppOptions = {}): Promise<AuthApp> {
  const { auth: more = {}, host = "express", bridge = true, bundled = false } = options;
  const lines: string[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  const base = `http://127.0.0.1:${port}`;
  const database = new DatabaseSync(":memory:");
  const given: BetterAuthOptions = { ...OPTIONS, database, ...more, baseURL: base };
  if (bundled) given.plugins = [traceBetterAuth()];
  const auth = createAuth(given);
  const other = bundled ? createAuth(given) : auth;
  await (await getMigrations(auth.options)).runMigrations();
  const log = (line: string) => void lines.push(line);
  const opened = bridge ? openBridge(betterAuth(other), { enabled: true, log, allowEdit: true }) : null;
  HOSTS[host](server, auth, opened);
  const close = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    opened?.close();
  };
  return { base, lines, auth, close };
}

/** As they are without anything that is tested. Its own way to hash passwords takes long. */
const OPTIONS = {
  secret: SECRET,
  emailAndPassword: {
    enabled: true,
    password: {
      hash: async (password: string) => digest(password),
      verify: async ({ hash, password }: { hash: string; password: string }) => hash === digest(password),
    },
  },
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  logger: { disabled: true },
} satisfies BetterAuthOptions;

const HOSTS: Record<Host, (server: Server, auth: Auth, bridge: Bridge | null) => void> = {
  express(server, auth, bridge) {
    const app = express();
    if (bridge) app.use(bridge);
    app.all("/api/auth/*splat", toNodeHandler(auth));
    app.get("/me", async (request, response) => {
      response.json(await auth.api.getSession({ headers: fromNodeHeaders(request.headers) }));
    });
    app.get("/plain", (_request, response) => void response.send("hello"));
    app.get("/peek", async (request, response) => {
      await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
      const { internalAdapter } = await auth.$context;
      response.json({ found: (await internalAdapter.findSession(String(request.query["token"]))) !== null });
    });
    server.on("request", app);
  },
  hono(server, auth, bridge) {
    const app = new Hono<{ Bindings: HttpBindings }>();
    if (bridge) {
      app.use((context, next) => {
        const peerAddress = getConnInfo(context).remote.address;
        const { httpVersion } = context.env.incoming;
        return bridge.fetch(context.req.raw, { peerAddress, httpVersion }, async () => {
          await next();
          return context.res;
        });
      });
    }
    app.on(["POST", "GET"], "/api/auth/*", (context) => auth.handler(context.req.raw));
    app.get("/me", async (context) =>
      context.json(await auth.api.getSession({ headers: context.req.raw.headers })),
    );
    app.get("/plain", (context) => context.text("hello"));
    server.on("request", getRequestListener(app.fetch));
  },
};

function digest(password: string): string {
  return createHash("sha256").update(password).digest("hex");
}

/** A second store, in memory. */
export function createSecondStore(): NonNullable<BetterAuthOptions["secondaryStorage"]> {
  const kept = new Map<string, string>();
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void kept.set(key, value),
    delete: (key) => void kept.delete(key),
    getAndDelete(key) {
      const value = kept.get(key) ?? null;
      kept.delete(key);
      return value;
    },
    increment(key) {
      const value = Number(kept.get(key) ?? 0) + 1;
      kept.set(key, String(value));
      return value;
    },
  };
}
