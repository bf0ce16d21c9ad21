/**
 * What `openBridge` can be told, and whether it may open at all. Decided once, at start, from the code and the
 * environment: nothing in a request can switch the bridge on.
 */
import { createSafeLog } from "../core/runtime.ts";
import {
  checkOptions,
  isBoolean,
  isFunction,
  isText,
  isTexts,
  type OptionType,
} from "./guard/check-options.ts";
import { sayNodeEnv, toEnvironment } from "./guard/environment.ts";
import { type ExtensionIds, readExtensionIds } from "./guard/extension-ids.ts";
import { readHosts } from "./guard/guard.ts";
import { createToken, type Token } from "./guard/token.ts";
import type { TraceLog } from "./traces/trace-log.ts";

/** What `openBridge` can be told. Everything has a default that is safe; each loosening names its danger. */
export interface BridgeOptions {
  /**
   * True opens the bridge also with `NODE_ENV=test`, and where `NODE_ENV` is not set. False keeps it shut: every request
   * simply goes on to the app. Absent: open in development, an error elsewhere. Every other value of `NODE_ENV` is
   * production, see `dangerouslyAllowInProduction`.
   */
  enabled?: boolean;
  /** Names of your own that lead to this machine, such as `app.test`; exact, without port. */
  hosts?: readonly string[];
  /**
   * Answers these extensions only: in Chrome the 32 letters on chrome://extensions, in Firefox the Internal UUID on
   * about:debugging, which each profile has for itself. It keeps other extensions out. A program on this machine can send
   * any extension's Origin: a token keeps that out. Default: every extension.
   */
  extensionId?: string | readonly string[];
  /**
   * Asked of everyone who calls; at least 128 bits drawn at random, as `npx session-bridge token` prints them. Default: the environment's `SESSION_BRIDGE_TOKEN`, else none.
   * Needed behind a proxy on this machine, with `allowRemote` and in production.
   */
  token?: string;
  /**
   * Danger: answers callers on other machines, with the token alone. Someone who has the token, or can listen to a connection
   * without TLS, reads every session whose cookie they have. Not where `NODE_ENV` is not set. Default false.
   */
  allowRemote?: boolean;
  /**
   * Whether callers may edit. False: they may only look. Danger: with `allowRemote`, true lets remote callers edit too.
   * Default: true, with `allowRemote` false.
   */
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
  extensionIds: ExtensionIds | null;
  token: Token | null;
  /** Where the server does not tell a caller's address, it is not answered, token or not. */
  needsPeer: boolean;
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

/** What each option takes; of a list that is checked elsewhere, its type only. */
const TYPES = {
  enabled: { takes: "true or false", is: isBoolean },
  hosts: { takes: 'a list of names, such as ["app.test"]', is: isTexts },
  extensionId: {
    takes: "an extension's id, or a list of them",
    is: (value) => isText(value) || isTexts(value),
  },
  token: { takes: "a text; npx session-bridge token prints one", is: isText },
  allowRemote: { takes: "true or false", is: isBoolean },
  allowEdit: { takes: "true or false", is: isBoolean },
  dangerouslyAllowInProduction: {
    takes: "a sentence that says why",
    is: (value) => typeof value === "string",
  },
  log: { takes: "a function that takes a line", is: isFunction },
  traceLog: { takes: "what redisLog(…) gives", is: isTraceLog },
  env: { takes: "an object such as process.env", is: (value) => typeof value === "object" && value !== null },
  clock: { takes: "a function such as Date.now", is: isFunction },
  heartbeatMs: { takes: "a number of milliseconds, from 1 to 2 147 483 647", is: isTimeout },
} satisfies Record<keyof BridgeOptions, OptionType>;

/**
 * The settings, or null when the bridge is to stay shut: then nothing else is looked at, since nothing is opened.
 *
 * @throws when the environment does not allow it, or an option is wrong; the message says what to do
 */
export function readOptions(given: BridgeOptions): BridgeSettings | null {
  if (given?.enabled === false) return null;
  const options = checkOptions(given, TYPES) as BridgeOptions; // its names and types, by TYPES
  const env = options.env ?? process.env;
  const environment = toEnvironment(env["NODE_ENV"]);
  const because = reasonToOpen(options, env["NODE_ENV"]);
  const token = createToken(options.token ?? env["SESSION_BRIDGE_TOKEN"]);
  const allowRemote = options.allowRemote === true;
  if (allowRemote && environment === "unset") {
    throw new Error(
      "[session-bridge] allowRemote needs to know where it runs, and NODE_ENV is not set. Start with NODE_ENV=development, or leave allowRemote out.",
    );
  }
  if (allowRemote && token === null) {
    throw new Error(
      "[session-bridge] allowRemote needs a token. Set SESSION_BRIDGE_TOKEN (npx session-bridge token prints one), or leave allowRemote out.",
    );
  }
  if (environment === "production" && token === null) {
    throw new Error(
      "[session-bridge] in production the bridge needs a token. Set SESSION_BRIDGE_TOKEN; npx session-bridge token prints one.",
    );
  }
  return {
    hosts: readHosts(options.hosts ?? []),
    extensionIds: readExtensionIds(options.extensionId),
    token,
    needsPeer: environment === "unset",
    allowRemote,
    allowEdit: options.allowEdit ?? !allowRemote,
    log: createSafeLog(options.log ?? console.log),
    clock: options.clock ?? Date.now,
    heartbeatMs: options.heartbeatMs ?? 15_000,
    samplesWriters: environment === "development",
    because,
  };
}

/** The one line that is printed at start. */
export function startLine(settings: BridgeSettings, engine: string): string {
  const who = settings.allowRemote
    ? `REMOTE callers with the token${settings.allowEdit ? ", who may EDIT" : ", who may read"}`
    : `this machine only${settings.token === null ? "" : ", with the token"}${settings.allowEdit ? "" : ", who may read"}`;
  return `[session-bridge] open for the Sessions tab in DevTools: engine ${engine}, for ${who} (${settings.because}).`;
}

function reasonToOpen(
  { enabled, dangerouslyAllowInProduction: why }: BridgeOptions,
  nodeEnv: string | undefined,
): string {
  const environment = toEnvironment(nodeEnv);
  if (environment === "production") {
    if (why !== undefined && why.trim() !== "") return `in PRODUCTION, because: ${why.replace(/\s+/g, " ")}`;
    throw new Error(
      `[session-bridge] ${sayNodeEnv(nodeEnv)}: openBridge shows and edits sessions, so it does not open here. Start with NODE_ENV=development, or pass dangerouslyAllowInProduction: 'why' and a token.`,
    );
  }
  if (environment === "development") return "NODE_ENV=development";
  if (enabled === true) return "enabled: true";
  throw new Error(
    `[session-bridge] ${sayNodeEnv(nodeEnv)}: openBridge opens by itself in development only. Start with NODE_ENV=development, or pass enabled: true.`,
  );
}

function isTraceLog(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["append", "read", "watch", "close"].every((name) => isFunction(Reflect.get(value, name)));
}

/** What a timer of Node's takes; anything else it turns into 1 ms. */
function isTimeout(value: unknown): boolean {
  return typeof value === "number" && value >= 1 && value <= 2_147_483_647;
}
