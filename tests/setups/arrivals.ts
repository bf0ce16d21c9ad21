/** The set-ups, each with what reaches the app in it, and what the bridge says about itself there. */
import type { BridgeState } from "session-bridge/protocol";
import { startVite, startWebpack } from "./dev-servers.ts";
import * as elsewhere from "./elsewhere.ts";
import type { Part } from "./machine.ts";
import { startNextDev, startNextProduction } from "./next-server.ts";
import * as proxies from "./proxies.ts";
import { type AppOptions, type Setup, startApp } from "./setup.ts";

/** One set-up. */
export interface Arrival {
  start(): Promise<Setup>;
  /** The browser speaks HTTP/2 with what stands in front. */
  isHttp2?: boolean;
  /** What the machine must have for it. */
  needs?: Part;
  /** It takes so long that it runs only in `npm run test:field`. */
  isField?: boolean;
  arrives: {
    http: string;
    peer: "loopback" | "another machine";
    /** Whose address the Host is. */
    host: string;
    /** The header's value, or `absent`. */
    connection: string;
    /** Headers by which proxies say for whom they ask. `PORT` is the page's port. */
    forwarded: Record<string, string>;
  };
  /** Which port the mark names: the app's, as http or https; null for none. */
  at: "http" | "https" | null;
  state: BridgeState | null;
  /** Where the panel's call is answered; null where it is not answered, not even at the page's own address. */
  answers: ((setup: Setup) => string) | null;
  token?: string;
}

const TOKEN = "q3Zt0rVYc1uXn7LwP5sKd9HfGb2MjEaT-example";

const atApp = ({ appPort }: Setup) => `http://localhost:${appPort}`;
const atPage = ({ pageUrl }: Setup) => pageUrl;

const DIRECT = {
  http: "1.1",
  peer: "loopback",
  host: "the page's",
  connection: "keep-alive",
  forwarded: {},
} as const;
const OPEN = { at: "http", state: null, answers: atApp } as const;
const DEV_SERVER = { ...OPEN, arrives: { ...DIRECT, host: "the app's", connection: "close" } } as const;
const NGINX = { "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1" };
const FAR = { needs: "namespaces", at: null, state: "remote", answers: null } as const;
const NAMED = { at: "http", state: "hosts", answers: null, arrives: DIRECT } as const;

const HERE: Record<string, Arrival> = {
  "an app alone": { start: () => startApp(), ...OPEN, arrives: DIRECT },
  "express-session with --import session-bridge/register": {
    start: () => startApp({ isExpressSession: true }),
    ...OPEN,
    arrives: DIRECT,
  },
  "an app with a token": {
    start: () => startApp({ token: TOKEN }),
    ...OPEN,
    state: "token",
    arrives: DIRECT,
    token: TOKEN,
  },
  "an app with its own certificate": {
    start: () => elsewhere.startSecure(),
    at: "https",
    state: null,
    answers: atPage,
    arrives: DIRECT,
  },
};

const DEV_SERVERS: Record<string, Arrival> = {
  "Vite that passes /api on": { start: () => startVite(), ...DEV_SERVER },
  "Vite that passes all on": { start: () => startVite({ passes: "/" }), ...DEV_SERVER },
  "Vite with https": { start: () => startVite({ isSecure: true }), ...DEV_SERVER },
  "Vite with host: true": { start: () => startVite({ isPublic: true }), ...DEV_SERVER },
  "webpack-dev-server that passes /api on": {
    start: () => startWebpack(),
    ...DEV_SERVER,
    arrives: { ...DEV_SERVER.arrives, host: "the page's" },
  },
  "webpack-dev-server with xfwd": {
    start: () => startWebpack({ hasForwarded: true }),
    ...DEV_SERVER,
    arrives: {
      ...DEV_SERVER.arrives,
      host: "the page's",
      forwarded: {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "localhost:PORT",
        "x-forwarded-port": "PORT",
        "x-forwarded-proto": "http",
      },
    },
  },
  "next dev with rewrites": { start: () => startNextDev(), isField: true, ...OPEN, arrives: fromNext() },
  "next start with rewrites": {
    start: () => startNextProduction(),
    isField: true,
    ...OPEN,
    arrives: fromNext(),
  },
};

const PROXIES: Record<string, Arrival> = {
  "default nginx": {
    start: () => proxies.startDefaultNginx(),
    needs: "nginx",
    ...OPEN,
    arrives: { ...DIRECT, http: "1.0", host: "the app's", connection: "close" },
  },
  "nginx with the usual lines": {
    start: () => proxies.startUsualNginx(),
    needs: "nginx",
    ...OPEN,
    arrives: fromNginx("http"),
  },
  "nginx with TLS and HTTP/2": {
    start: () => proxies.startHttp2Nginx(),
    needs: "nginx",
    isHttp2: true,
    ...OPEN,
    arrives: fromNginx("https"),
  },
  Caddy: {
    start: () => proxies.startCaddy(),
    needs: "caddy",
    ...OPEN,
    arrives: {
      ...DIRECT,
      connection: "absent",
      forwarded: {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "localhost:PORT",
        "x-forwarded-proto": "http",
      },
    },
  },
  haproxy: {
    start: () => proxies.startHaproxy(),
    needs: "haproxy",
    ...OPEN,
    arrives: { ...DIRECT, connection: "absent", forwarded: { "x-forwarded-for": "127.0.0.1" } },
  },
};

const REMOTE: AppOptions = { token: TOKEN, bridge: { allowRemote: true, allowEdit: true } };
const CONTAINER = { ...DIRECT, peer: "another machine" } as const;

const CONTAINERS: Record<string, Arrival> = {
  "a container under its address": { start: () => elsewhere.startInNamespace(), ...FAR, arrives: CONTAINER },
  "a container under a published port": {
    start: () => elsewhere.startPublished(),
    ...FAR,
    arrives: CONTAINER,
  },
  "a container with allowRemote and a token": {
    start: () => elsewhere.startPublished(REMOTE),
    needs: "namespaces",
    at: null,
    state: "token",
    answers: atPage,
    token: TOKEN,
    arrives: CONTAINER,
  },
  "an app on another machine behind a forwarded port": {
    start: () => elsewhere.startForwarded(),
    needs: "namespaces",
    ...OPEN,
    answers: atPage,
    arrives: DIRECT,
  },
};

const NAMES: Record<string, Arrival> = {
  "a name of one's own": { start: () => elsewhere.startNamed(), ...NAMED },
  "a name of one's own that is in hosts": {
    start: () => elsewhere.startNamed({ bridge: { hosts: ["app.test"] } }),
    ...OPEN,
    answers: atPage,
    arrives: DIRECT,
  },
  "0.0.0.0": { start: () => elsewhere.startEverywhere(), ...NAMED },
};

/** Every set-up that can be started here. */
export const ARRIVALS: Record<string, Arrival> = {
  ...HERE,
  ...DEV_SERVERS,
  ...PROXIES,
  ...CONTAINERS,
  ...NAMES,
};

function fromNginx(scheme: string): Arrival["arrives"] {
  const forwarded = { ...NGINX, "x-forwarded-proto": scheme };
  return { ...DIRECT, host: "the page's without a port", connection: "close", forwarded };
}

function fromNext(): Arrival["arrives"] {
  const forwarded = { "x-forwarded-host": "localhost:PORT" };
  return { ...DIRECT, host: "the app's", forwarded }; // of the proxies here only Next passes its client's Connection on
}
