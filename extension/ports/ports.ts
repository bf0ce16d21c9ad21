/**
 * The outside world as the panel's models see it: small interfaces, no browser.
 *
 * `browser.ts` and `bridge.ts` make them real, `memory.ts` serves tests and the harness page.
 */
import type { Calls, EpochMs, Refusal, StreamEvent, TracesRequest } from "session-bridge/protocol";

export type SameSite = "unspecified" | "lax" | "strict" | "no_restriction";

export interface PartitionKey {
  topLevelSite?: string;
  hasCrossSiteAncestor?: boolean;
}

/** What a cookie is known to be, from its name and value alone. */
export interface Recognised {
  /** `Django`, `Express`, `Rails`, `PHP`, … */
  framework: string;
  /** `session`: a key or a whole session; `csrf`, `auth`: its companions. */
  role: "session" | "auth" | "csrf";
}

/** A cookie that one of the tab's frames can send. */
export interface TabCookie {
  /** Equal for the same cookie over time: store, partition, domain, path and name. */
  id: string;
  name: string;
  value: string;
  domain: string;
  hostOnly: boolean;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite: SameSite;
  /** Null: the cookie ends with the browser. */
  expiresAt: EpochMs | null;
  storeId: string;
  partitionKey: PartitionKey | null;
  recognised: Recognised | null;
}

export interface CookieList {
  cookies: TabCookie[];
  /** Hosts of the tab and its frames, the tab's own first. */
  hosts: string[];
  /** Origins among them that the extension may not read. */
  denied: string[];
}

export type CookieWriteResult =
  | { ok: true; cookie: TabCookie }
  | { ok: false; reason: string; restored: boolean };

export interface CookiesPort {
  list(): Promise<CookieList>;
  /** Calls back when something may have changed; then list again. Returns the undoing. */
  watch(changed: () => void): () => void;
  /**
   * Sets, reads back, and only then deletes `replaces` when it was another cookie. A refusal leaves the old one there.
   * Never throws: what could not even be asked is a refusal.
   */
  write(cookie: TabCookie, replaces: TabCookie | null): Promise<CookieWriteResult>;
  /** Deletes exactly this cookie. False when it is still there afterwards, or that cannot be found out. Never throws. */
  remove(cookie: TabCookie): Promise<boolean>;
}

/** One request of the inspected tab, as far as it is known; the same `id` comes again when more is known. */
export interface NetworkRequest {
  id: string;
  at: EpochMs;
  method: string;
  url: string;
  /** Null while under way or when it failed. */
  status: number | null;
  /** DevTools' word: `document`, `fetch`, `xhr`, `image`, … */
  type: string;
  durationMs: number | null;
  /** Id from the `Session-Trace` header. */
  traceId: string | null;
  /** Names of the cookies sent, in order; null when not known. */
  sentCookies: string[] | null;
  /** Raw Set-Cookie lines. */
  setCookies: string[];
  fromCache: boolean;
  error: string | null;
}

export interface RequestHistory {
  requests: NetworkRequest[];
  /** How many older ones the recorder's ring let go. */
  dropped: number;
  /** False while the recorder is paused; absent counts as true. A panel that is loaded anew finds it here. */
  recording?: boolean;
}

export interface RequestsPort {
  /** Everything since DevTools opened, oldest first. */
  history(): Promise<RequestHistory>;
  watch(listener: (request: NetworkRequest) => void): () => void;
  watchNavigations(listener: (url: string, at: EpochMs) => void): () => void;
  clear(): void;
  setRecording(on: boolean): void;
}

export type BridgeProblem =
  | { kind: "unreachable"; detail: string }
  | { kind: "absent"; status: number }
  | { kind: "refused"; status: number; refusal: Refusal }
  | { kind: "no-access"; origin: string }
  | { kind: "malformed"; detail: string };

export type CallResult<T> = { ok: true; answer: T } | { ok: false; problem: BridgeProblem };

export interface BridgePort {
  call<N extends keyof Calls>(
    origin: string,
    name: N,
    request: Calls[N]["request"],
  ): Promise<CallResult<Calls[N]["answer"]>>;
  /** Opens the stream; ends by `signal`, by a thrown `BridgeProblem`, or when the server ends it. */
  traces(origin: string, request: TracesRequest, signal: AbortSignal): AsyncIterable<StreamEvent>;
  /** Sends this `SESSION_BRIDGE_TOKEN` to the origin from now on, until the browser ends; null forgets it. */
  useToken?(origin: string, token: string | null): Promise<void>;
}

/** `sessionStorage` of one origin: what a real browser close would clear too. */
export interface StoredItems {
  origin: string;
  items: [string, string][];
}

export interface CloseReport {
  /** Deep copies of what was deleted, for the exact undo. */
  cookies: TabCookie[];
  storage: StoredItems[];
  /** Cookies that were to go and are still there. */
  left: TabCookie[];
}

/** The browser's end, simulated for this tab's hosts. */
export interface RehearsalPort {
  preview(): Promise<{ cookies: TabCookie[]; storage: StoredItems[] }>;
  close(): Promise<CloseReport>;
  restore(report: CloseReport): Promise<{ failed: TabCookie[] }>;
}

export type ThemeName = "light" | "dark";

export interface TabPort {
  readonly tabId: number;
  /** Address of the inspected page, or null for pages closed to extensions. */
  url(): Promise<string | null>;
  reload(): void;
  theme(): ThemeName | null;
  watchTheme(listener: (theme: ThemeName) => void): () => void;
  watchVisible(listener: (visible: boolean) => void): () => void;
  /** Present where the browser can show a request in its Network panel. */
  showInNetwork?: (request: NetworkRequest) => Promise<void>;
}

export interface PermissionsPort {
  has(origin: string): Promise<boolean>;
  /** `elsewhere`: this browser asks on the options page, which is now open. */
  request(origin: string): Promise<"granted" | "denied" | "elsewhere">;
  watch(changed: () => void): () => void;
}

export interface PreferencesPort {
  load(): Promise<unknown>;
  save(preferences: unknown): Promise<void>;
}

/**
 * What the panel holds while DevTools is open on the tab. Firefox loads the panel anew whenever its Toolbox is docked
 * elsewhere, and then it begins with what is kept here. In memory only, and gone with DevTools.
 */
export interface KeepPort {
  /** Everything kept, in the order in which it was first kept. */
  recall(): Promise<[key: string, value: unknown][]>;
  /** Keeps a value under its key; `undefined` lets it go. */
  keep(key: string, value: unknown): void;
}

export interface ClockPort {
  now(): EpochMs;
  /** Calls back about every `ms`; returns the undoing. */
  every(ms: number, tick: () => void): () => void;
}

/** Everything the panel needs from outside. */
export interface Ports {
  cookies: CookiesPort;
  requests: RequestsPort;
  bridge: BridgePort;
  rehearsal: RehearsalPort;
  tab: TabPort;
  permissions: PermissionsPort;
  preferences: PreferencesPort;
  keep: KeepPort;
  clock: ClockPort;
}
