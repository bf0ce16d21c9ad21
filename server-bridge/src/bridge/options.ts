/**
 * The options of `openBridge`, and whether it may open at all. Decided once, at start, from the code and the
 * environment: nothing in a request can switch the bridge on.
 */
import { PREFIX } from "../core/errors.ts";
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

/** The options of `openBridge`. Every default is safe; each option that loosens it names the danger. */
export interface BridgeOptions {
  /**
   * True also opens the bridge with `NODE_ENV=test`, and if `NODE_ENV` is not set. False keeps it closed: every request
   * simply continues to the app. Absent: open in development, an error otherwise. Every other value of `NODE_ENV` is
   * production; see `dangerouslyAllowInProduction`.
   */
  enabled?: boolean;
  /**
   * Your own names that lead to this machine, such as `app.test`; exact, without port. Default: those in the
   * environment's `SESSION_BRIDGE_HOSTS`, with commas between them; otherwise none.
   */
  hosts?: readonly string[];
  /**
   * Answers only these extensions: in Chrome the 32 letters on chrome://extensions, in Firefox the Internal UUID on
   * about:debugging, which differs in each profile. It keeps other extensions out. A program on this machine can send
   * any extension's Origin; a token keeps that out. Default: every extension.
   */
  extensionId?: string | readonly string[];
  /**
   * Required from every caller. At least 128 random bits, as `npx session-bridge token` prints them. Needed behind a
   * proxy on this machine, with `allowRemote` and in production. Default: the environment's `SESSION_BRIDGE_TOKEN`,
   * otherwise none.
   */
  token?: string;
  /**
   * Danger: also answers callers on other machines, if they have the token. Anyone who has the token, or can listen to
   * a connection without TLS, can read every session whose cookie they have. Not allowed if `NODE_ENV` is not set.
   * Default: true if `SESSION_BRIDGE_REMOTE` in the environment is `view` or `edit`, otherwise false.
   */
  allowRemote?: boolean;
  /**
   * Whether callers may edit. False: they may only view. Danger: with `allowRemote`, true lets remote callers edit too.
   * Default: true; with `allowRemote`, true only if `SESSION_BRIDGE_REMOTE` is `edit`. Always false if that is `view`.
   */
  allowEdit?: boolean;
  /** Danger: opens the bridge in production. The string says why, and is printed at every start. Needs a token. */
  dangerouslyAllowInProduction?: string;
  /**
   * Receives one line for the terminal, which never contains a value, a token or a whole key. Default: `console.log`.
   */
  log?: (line: string) => void;
  /** Where traces are kept, for several processes that share them. Default: this process's memory. */
  traceLog?: TraceLog;
  /** Where `NODE_ENV` and the variables `SESSION_BRIDGE_…` are read from. Default: `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. Default: `Date.now`. */
  clock?: () => number;
  /** Milliseconds between two heartbeats on a stream, 1 to 2 147 483 647. Default: 15 000. */
  heartbeatMs?: number;
}

/** The options in force. */
export interface BridgeSettings {
  hosts: ReadonlySet<string>;
  extensionIds: ExtensionIds | null;
  token: Token | null;
  /** If the server does not report a caller's address, the caller is not answered, token or not. */
  needsPeer: boolean;
  allowRemote: boolean;
  allowEdit: boolean;
  log: (line: string) => void;
  clock: () => number;
  heartbeatMs: number;
  /** Whether to sample which code wrote a key; only in development, because it costs time. */
  samplesWriters: boolean;
  /** What the line at start says about why the bridge is open. */
  because: string;
}

/** What each option takes; only the type for a list that is checked elsewhere. */
const TYPES = {
  enabled: { takes: "true or false", is: isBoolean },
  hosts: { takes: 'a list of names, such as ["app.test"]', is: isTexts },
  extensionId: {
    takes: "an extension's id, or a list of them",
    is: (value) => isText(value) || isTexts(value),
  },
  token: { takes: "a string; npx session-bridge token prints one", is: isText },
  allowRemote: { takes: "true or false", is: isBoolean },
  allowEdit: { takes: "true or false", is: isBoolean },
  dangerouslyAllowInProduction: {
    takes: "a sentence that says why",
    is: (value) => typeof value === "string",
  },
  log: { takes: "a function that takes a line of text", is: isFunction },
  traceLog: { takes: "what redisLog(…) returns", is: isTraceLog },
  env: { takes: "an object such as process.env", is: (value) => typeof value === "object" && value !== null },
  clock: { takes: "a function such as Date.now", is: isFunction },
  heartbeatMs: { takes: "a number of milliseconds, from 1 to 2 147 483 647", is: isTimeout },
} satisfies Record<keyof BridgeOptions, OptionType>;

/**
 * The settings, or null if the bridge should stay closed: then nothing else is checked, since nothing is opened.
 *
 * @throws when the environment does not allow opening, or an option is wrong; the message says what to do
 */
export function readOptions(given: BridgeOptions): BridgeSettings | null {
  if (given?.enabled === false) return null;
  const options = checkOptions(given, TYPES) as BridgeOptions; // names and types were checked, by TYPES
  const env = options.env ?? process.env;
  const environment = toEnvironment(env["NODE_ENV"]);
  const because = reasonToOpen(options, env["NODE_ENV"]);
  const token = createToken(options.token ?? env["SESSION_BRIDGE_TOKEN"]);
  const remote = options.allowRemote === false ? null : readRemote(env["SESSION_BRIDGE_REMOTE"]);
  const allowRemote = options.allowRemote ?? remote !== null;
  const asked = options.allowRemote === undefined ? "SESSION_BRIDGE_REMOTE" : "allowRemote";
  if (allowRemote && environment === "unset") {
    throw new Error(
      `${PREFIX}${asked} needs to know where it runs, and NODE_ENV is not set. Start with NODE_ENV=development, or leave ${asked} out.`,
    );
  }
  if (allowRemote && token === null) {
    throw new Error(
      `${PREFIX}${asked} needs a token. Set SESSION_BRIDGE_TOKEN (npx session-bridge token prints one), or leave ${asked} out.`,
    );
  }
  if (environment === "production" && token === null) {
    throw new Error(
      `${PREFIX}in production the bridge needs a token. Set SESSION_BRIDGE_TOKEN; npx session-bridge token prints one.`,
    );
  }
  return {
    hosts: readHosts(options.hosts ?? readNames(env["SESSION_BRIDGE_HOSTS"])),
    extensionIds: readExtensionIds(options.extensionId),
    token,
    needsPeer: environment === "unset",
    allowRemote,
    // "view" holds even if the code allows editing, as it may for this machine
    allowEdit: remote !== "view" && (options.allowEdit ?? (!allowRemote || remote === "edit")),
    log: createSafeLog(options.log ?? console.log),
    clock: options.clock ?? Date.now,
    heartbeatMs: options.heartbeatMs ?? 15_000,
    samplesWriters: environment === "development",
    because,
  };
}

/** The line that is printed at start. */
export function startLine(settings: BridgeSettings, engine: string): string {
  const who = settings.allowRemote
    ? `REMOTE callers with the token${settings.allowEdit ? ", who may EDIT" : ", who may only view"}`
    : `this machine only${settings.token === null ? "" : ", with the token"}${settings.allowEdit ? "" : ", who may only view"}`;
  return `open for the Sessions tab in DevTools: engine ${engine}, for ${who} (${settings.because}).`;
}

/** The line of a bridge that never gets the tab's calls. */
export function secondLine(library: string): string {
  return `the Sessions tab does not show this bridge for sessions of ${library}: another bridge of this app comes before it and answers. To see this one instead, put it first.`;
}

function reasonToOpen(
  { enabled, dangerouslyAllowInProduction: why }: BridgeOptions,
  nodeEnv: string | undefined,
): string {
  const environment = toEnvironment(nodeEnv);
  if (environment === "production") {
    if (why !== undefined && why.trim() !== "") return `in PRODUCTION, because: ${why.replace(/\s+/g, " ")}`;
    throw new Error(
      `${PREFIX}${sayNodeEnv(nodeEnv)}: openBridge shows and edits sessions, so it does not open here. Start with NODE_ENV=development, or pass dangerouslyAllowInProduction: 'why' and a token.`,
    );
  }
  if (environment === "development") return "NODE_ENV=development";
  if (enabled === true) return "enabled: true";
  throw new Error(
    `${PREFIX}${sayNodeEnv(nodeEnv)}: openBridge opens by itself in development only. Start with NODE_ENV=development, or pass enabled: true.`,
  );
}

/**
 * What `SESSION_BRIDGE_REMOTE` allows callers on other machines to do; null if it is not set. The error does not show the
 * value, which may be a token that was meant for the variable next to it.
 */
function readRemote(given: string | undefined): "view" | "edit" | null {
  if (given === undefined || given === "") return null;
  if (given === "view" || given === "edit") return given;
  throw new Error(
    `${PREFIX}SESSION_BRIDGE_REMOTE takes view or edit, but has another value. Correct it, or leave it out.`,
  );
}

function readNames(given = ""): string[] {
  return given
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function isTraceLog(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["append", "read", "watch", "close"].every((name) => isFunction(Reflect.get(value, name)));
}

/** The longest delay that Node's timers take; they turn anything longer into 1 ms. */
function isTimeout(value: unknown): boolean {
  return typeof value === "number" && value >= 1 && value <= 2_147_483_647;
}
