/**
 * The outside world as the panel's models see it: small interfaces, no browser.
 *
 * `browser.ts` and `bridge.ts` implement them; tests and the harness page have doubles in memory.
 */
import type { Calls, EpochMs, StreamEvent, TracesRequest } from "session-bridge/protocol";
import type { BridgeProblem } from "../logic/bridge-problem.ts";
import type { NetworkRequest, RequestHistory } from "../messages/network-request.ts";
import type { CookieList, CookieWriteResult, TabCookie } from "../messages/tab-cookie.ts";

export interface CookiesPort {
  list(): Promise<CookieList>;
  /** Calls back when something may have changed; then list again. Returns the undoing. */
  watch(changed: () => void): () => void;
  /**
   * Sets, reads back, and only then deletes `replaces` if it was another cookie. A refusal leaves the old one there. Never
   * throws: a question that could not be asked counts as a refusal.
   */
  write(cookie: TabCookie, replaces: TabCookie | null): Promise<CookieWriteResult>;
  /** Deletes exactly this cookie. False if it is still there afterwards, or that cannot be determined. Never throws. */
  remove(cookie: TabCookie): Promise<boolean>;
}

export interface RequestsPort {
  /** Everything since DevTools opened, oldest first. */
  history(): Promise<RequestHistory>;
  watch(listener: (request: NetworkRequest) => void): () => void;
  watchNavigations(listener: (url: string, at: EpochMs) => void): () => void;
  clear(): void;
  setRecording(on: boolean): void;
}

/** The result of a call: the answer, or why there is none. */
export type CallResult<T> = { ok: true; answer: T } | { ok: false; problem: BridgeProblem };

export interface BridgePort {
  call<N extends keyof Calls>(
    origin: string,
    name: N,
    request: Calls[N]["request"],
  ): Promise<CallResult<Calls[N]["answer"]>>;
  /** Opens the stream; ends by `signal`, by a thrown `BridgeProblem`, or when the server ends it. */
  traces(origin: string, request: TracesRequest, signal: AbortSignal): AsyncIterable<StreamEvent>;
  /** From now on sends this `SESSION_BRIDGE_TOKEN` to this origin and no other, until the browser closes; null forgets it. */
  useToken?(origin: string, token: string | null): Promise<void>;
  /** A token of 256 random bits for the server of this origin, the same each time. It is not used before `useToken`. */
  newToken?(origin: string): string;
  /** Names the page's own origin, or none: only for that one a bridge on another port of this machine is searched for. */
  pageIs?(origin: string | null): void;
  /** A response of the page's own origin named this trace, and said this about its bridge (`writeMark`). */
  marked?(origin: string, traceId: string, mark: string): void;
  /** The user's permission to call this machine's port for this origin. Kept as long as the panel is open. */
  allowPort?(origin: string, port: number): void;
  /** Where calls for this origin go: to itself, or to a port of this machine that answers in its place. */
  placeOf?(origin: string): string;
}

/**
 * Who reports an address: the browser, or only the page itself, if the extension has no access. `none`: a page that is closed to
 * extensions.
 */
export type PageAddress = { by: "browser" | "page"; url: string } | { by: "none" };

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

/** A browser close, simulated for this tab's hosts. */
export interface RehearsalPort {
  preview(): Promise<{ cookies: TabCookie[]; storage: StoredItems[] }>;
  close(): Promise<CloseReport>;
  restore(report: CloseReport): Promise<{ failed: TabCookie[] }>;
}

export type ThemeName = "light" | "dark";

export interface TabPort {
  readonly tabId: number;
  /** Address of the inspected page. What the page says about itself is only used to ask for access. */
  address(): Promise<PageAddress>;
  reload(): void;
  theme(): ThemeName | null;
  watchTheme(listener: (theme: ThemeName) => void): () => void;
  watchVisible(listener: (visible: boolean) => void): () => void;
  /** Calls back when the tab may show another page: Chrome names no navigation to a page that is closed to extensions. */
  watchPage?: (changed: () => void) => () => void;
  /** Present if the browser can show a request in its Network panel. */
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
 * What the panel keeps while DevTools is open on the tab. Firefox reloads the panel whenever its Toolbox is docked elsewhere, and
 * then it starts with what is kept here. In memory only, and gone with DevTools.
 */
export interface KeepPort {
  /** Everything kept, in the order in which it was first kept. */
  recall(): Promise<[key: string, value: unknown][]>;
  /** Keeps a value under its key; `undefined` removes it. */
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
