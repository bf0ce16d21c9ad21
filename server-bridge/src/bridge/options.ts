/**
 * What `openBridge` can be told, and whether it may open at all. Decided once, at start, from the code and the
 * environment: nothing in a request can switch the bridge on.
 */
import { readHosts } from "./guard/guard.ts";
import { createToken, type Token } from "./guard/token.ts";
import type { TraceLog } from "./traces/trace-log.ts";

/** What `openBridge` can be told. Everything has a default that is safe; each loosening names its danger. */
export interface BridgeOptions {
  /**
   * True opens the bridge although `NODE_ENV` is not `development` (it must still not be `production`). False keeps it
   * shut: every request simply goes on to the app. Absent: open in development, an error elsewhere.
   */
  enabled?: boolean;
  /** Names of your own that lead to this machine, such as `app.test`; exact, without port. */
  hosts?: readonly string[];
  /**
   * Asked of everyone who calls; at least 128 bits. Default: the environment's `SESSION_BRIDGE_TOKEN`, else none.
   * Needed behind a proxy on this machine, with `allowRemote` and in production.
   */
  token?: string;
  /**
   * Danger: answers callers on other machines, with the token alone. Someone who has the token, or can listen to a connection
   * without TLS, reads every session whose cookie they have. Default false.
   */
  allowRemote?: boolean;
  /** Danger: lets remote callers edit too. Means something only with `allowRemote`. Default false. */
  allowEdit?: boolean;
  /** Danger: opens the bridge in production. The text says why, and is printed at every start. Needs a token. */
  dangerouslyAllowInProduction?: string;
  /** Takes one line for the terminal, never a value, a token or a whole key. Default `console.log`. */
  log?: (line: string) => void;
  /** Where traces are kept, for several processes that share them. Default: this process's memory. */
  traceLog?: TraceLog;
  /** Where `NODE_ENV` and `SESSION_BRIDGE_TOKEN` are read. Default `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. Default `Date.now`. */
  clock?: () => number;
  /** Milliseconds between two signs of life on a stream. Default 15 000. */
  heartbeatMs?: number;
}

/** The options in force. */
export interface BridgeSettings {
  hosts: ReadonlySet<string>;
  token: Token | null;
  allowRemote: boolean;
  allowEdit: boolean;
  log: (line: string) => void;
  clock: () => number;
  heartbeatMs: number;
  /** Who wrote a key is sampled; in development only, for it costs time. */
  samplesWriters: boolean;
  /** What the line at start says of why the bridge is open. */
  because: string;
}

/**
 * The settings, or null when the bridge is to stay shut.
 *
 * @throws when the environment does not allow it, or an option is wrong; the message says what to do
 */
export function readOptions(options: BridgeOptions): BridgeSettings | null {
  const env = options.env ?? process.env;
  if (options.enabled === false) return null;
  const because = reasonToOpen(options, env["NODE_ENV"]);
  const token = createToken(options.token ?? env["SESSION_BRIDGE_TOKEN"]);
  if (options.allowRemote === true && token === null) {
    throw new Error(
      "[session-bridge] allowRemote needs a token. Set SESSION_BRIDGE_TOKEN, or leave allowRemote out.",
    );
  }
  if (isProduction(env["NODE_ENV"]) && token === null) {
    throw new Error("[session-bridge] in production the bridge needs a token. Set SESSION_BRIDGE_TOKEN.");
  }
  const allowRemote = options.allowRemote === true;
  return {
    hosts: readHosts(options.hosts ?? []),
    token,
    allowRemote,
    allowEdit: !allowRemote || options.allowEdit === true,
    log: options.log ?? console.log,
    clock: options.clock ?? Date.now,
    heartbeatMs: options.heartbeatMs ?? 15_000,
    samplesWriters: env["NODE_ENV"] === "development",
    because,
  };
}

/** The one line that is printed at start. */
export function startLine(settings: BridgeSettings, engine: string): string {
  const who = settings.allowRemote
    ? `REMOTE callers with the token${settings.allowEdit ? ", who may EDIT" : ", who may read"}`
    : `this machine only${settings.token === null ? "" : ", with the token"}`;
  return `[session-bridge] open for the Sessions tab in DevTools: engine ${engine}, for ${who} (${settings.because}).`;
}

function reasonToOpen(
  { enabled, dangerouslyAllowInProduction: why }: BridgeOptions,
  nodeEnv: string | undefined,
): string {
  if (isProduction(nodeEnv)) {
    if (typeof why === "string" && why.trim() !== "")
      return `in PRODUCTION, because: ${why.replace(/\s+/g, " ")}`;
    throw new Error(
      "[session-bridge] NODE_ENV is production: openBridge shows and edits sessions, so it does not open here. Call it in development only, or pass dangerouslyAllowInProduction: 'why' and a token.",
    );
  }
  if (nodeEnv === "development") return "NODE_ENV=development";
  if (enabled === true) return "enabled: true";
  throw new Error(
    `[session-bridge] NODE_ENV is ${nodeEnv === undefined ? "not set" : JSON.stringify(nodeEnv)}: openBridge opens by itself in development only. Start with NODE_ENV=development, or pass enabled: true.`,
  );
}

function isProduction(nodeEnv: string | undefined): boolean {
  return /^prod(?:uction)?$/i.test(nodeEnv?.trim() ?? "");
}
