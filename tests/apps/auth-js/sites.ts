/** Sites on Auth.js, made as its documentation says, with a bridge and without: 5 on Express, and `next-auth` 4, whose handler takes any request with Express's members. */
import { createServer, type RequestListener } from "node:http";
import { createRequire } from "node:module";
import type { AuthConfig } from "@auth/core";
import { ExpressAuth, getSession } from "@auth/express";
import CredentialsFive from "@auth/express/providers/credentials";
import express from "express";
import type { AuthOptions } from "next-auth-4";
import { type BridgeOptions, openBridge } from "session-bridge/bridge";
import { type AuthJsOptions, authJs, traceAuthJs } from "session-bridge/sources";
import { listen } from "../../sources/panel-client.ts";
import { authorize, keepClaims, SECRET } from "./users.ts";

/** A site that listens. */
export interface Site {
  base: string;
  close(): void;
}

/** What differs between sites. */
export interface SiteOptions<Config> {
  /** Our lines, with what the bridge is told. Absent: the site has none of them. */
  bridge?: AuthJsOptions;
  log?: BridgeOptions["log"];
  config?: Partial<Config>;
}

/** Version 4 is CommonJS. Its own types are for requests of Next.js, which have the same members. */
const require = createRequire(import.meta.url);
const four = require("next-auth-4") as {
  default(request: object, response: object, options: AuthOptions): Promise<void>;
  getServerSession(
    request: object,
    response: object,
    options: AuthOptions,
  ): Promise<{ user?: { name?: string } } | null>;
};
const { default: CredentialsFour } = require("next-auth-4/providers/credentials") as {
  default(options: object): AuthOptions["providers"][number];
};

const HOUR = 3600;
const credentials = { username: {}, password: {}, bulk: {} };
const quiet = { error() {}, warn() {}, debug() {} };

/**
 * Auth.js 5 on Express, configured before the bridge is opened, as in an app that imports its `auth.ts`. `GET /` says who
 * you are, `POST /end` ends someone else's session.
 */
export async function startFive({ bridge, log, config }: SiteOptions<AuthConfig> = {}): Promise<Site> {
  const plain: AuthConfig = {
    secret: SECRET,
    trustHost: true,
    session: { maxAge: HOUR },
    providers: [CredentialsFive({ credentials, authorize: async (given) => authorize(given) })],
    callbacks: {
      jwt(given) {
        keepClaims(given);
        return given.token;
      },
    },
    logger: quiet,
    ...config,
  };
  const settings = bridge === undefined ? plain : traceAuthJs(plain);
  const app = express().set("trust proxy", true);
  if (bridge !== undefined) app.use(openBridge(authJs(bridge), { enabled: true, log: log ?? (() => {}) }));
  app.use(/^\/api\/auth\/(.*)/, ExpressAuth(settings)); // of a path in Express 5, it reads only numbered parts
  app.get("/", async (request, response) => {
    const found = await getSession(request, settings);
    response.send(`You are ${found?.user?.name ?? "a guest"}.`);
  });
  app.post("/end", express.json(), async (request, response) => {
    await getSession(request, settings);
    await settings.adapter?.deleteSession?.(request.body.token);
    response.send("It is over.");
  });
  return serve(app);
}

/** `next-auth` 4 at the same addresses, configured after the bridge is opened. */
export async function startFour({ bridge, log, config }: SiteOptions<AuthOptions> = {}): Promise<Site> {
  const app = express();
  if (bridge !== undefined) app.use(openBridge(authJs(bridge), { enabled: true, log: log ?? (() => {}) }));
  const plain: AuthOptions = {
    secret: SECRET,
    session: { maxAge: HOUR },
    providers: [
      CredentialsFour({ credentials, authorize: async (given: Record<string, unknown>) => authorize(given) }),
    ],
    callbacks: {
      jwt(given) {
        keepClaims(given);
        return given.token;
      },
    },
    logger: quiet,
    ...config,
  };
  const settings = bridge === undefined ? plain : traceAuthJs(plain);
  app.use(express.json(), (request, _response, next) => {
    const pairs = (request.headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
    const cookies = Object.fromEntries(pairs.map(([name, value]) => [name, decodeURIComponent(value ?? "")]));
    const nextauth = request.path.split("/").slice(3);
    Object.defineProperties(request, { cookies: { value: cookies }, query: { value: { nextauth } } });
    next();
  });
  app.use("/api/auth", (request, response) => four.default(request, response, settings));
  app.get("/", async (request, response) => {
    const found = await four.getServerSession(request, response, settings);
    response.send(`You are ${found?.user?.name ?? "a guest"}.`);
  });
  return serve(app);
}

async function serve(app: RequestListener): Promise<Site> {
  const server = createServer(app);
  const base = await listen(server);
  return { base, close: () => server.close() };
}
