/** The panel's outside kept in memory: what tests and the harness page drive instead of a browser. */

import type { NetworkRequest, RequestHistory } from "../../../extension/messages/network-request.ts";
import type { CookieList, TabCookie } from "../../../extension/messages/tab-cookie.ts";
import type { CloseReport, Ports, StoredItems, ThemeName } from "../../../extension/ports/ports.ts";
import { createMemoryServer, type MemoryServer } from "./server.ts";

/** The controls of a simulated world. */
export interface MemoryWorld {
  ports: Ports;
  server: MemoryServer;
  /** Separate servers by origin; `server` answers for every other origin. */
  servers: Map<string, MemoryServer>;
  /** Origins for which a loopback port answers, and which port. */
  places: Map<string, string>;
  cookies: CookieList;
  history: RequestHistory;
  storage: StoredItems[];
  url: string | null;
  /** The address that the page claims; set if the browser may not report it. */
  claim: string | null;
  theme: ThemeName | null;
  preferences: unknown;
  /** What survives the panel while DevTools is open; pass it to the next panel. */
  readonly kept: Map<string, unknown>;
  /** What the panel did to the tab: `reload`, `recording off`, `network GET /`. */
  readonly did: string[];
  /** Set to make the next cookie writes fail for this reason. */
  refuseCookies: string | null;
  /** Changes the jar and tells the panel. */
  setCookies(cookies: readonly TabCookie[]): void;
  /** Reports a request of the tab; the rest is filled in. */
  request(request: Partial<NetworkRequest>): NetworkRequest;
  navigate(url: string): void;
  setVisible(visible: boolean): void;
  /** Moves the clock of a manual world and runs its timers. */
  advance(ms: number): void;
  now(): number;
}

export interface MemoryOptions {
  /** A moving clock; absent: one that `advance` moves, starting at 2026-11-23 09:00 UTC. */
  clock?: Ports["clock"];
  url?: string | null;
}

const START = Date.UTC(2026, 10, 23, 9, 0, 0);

/** A world with one page, no cookies and a server that is up. */
export function createMemoryWorld(options: MemoryOptions = {}): MemoryWorld {
  const manual = createManualClock();
  const clock = options.clock ?? manual.clock;
  const changed = new Set<() => void>();
  const listeners = new Set<(request: NetworkRequest) => void>();
  const navigations = new Set<(url: string, at: number) => void>();
  const visibles = new Set<(visible: boolean) => void>();
  let count = 0;
  const world: MemoryWorld = {
    server: createMemoryServer(() => clock.now()),
    servers: new Map(),
    places: new Map(),
    cookies: { cookies: [], hosts: ["localhost"], denied: [] },
    history: { requests: [], dropped: 0 },
    storage: [],
    url: options.url === undefined ? "http://localhost:8000/" : options.url,
    claim: null,
    theme: null,
    preferences: undefined,
    kept: new Map(),
    did: [],
    refuseCookies: null,
    setCookies(cookies) {
      world.cookies = { ...world.cookies, cookies: [...cookies] };
      for (const tell of changed) tell();
    },
    request(partial) {
      count += 1;
      const request = fillRequest({ id: `r${count}`, at: clock.now(), ...partial });
      for (const listener of listeners) listener(request);
      return request;
    },
    navigate(url) {
      world.url = url;
      for (const tell of navigations) tell(url, clock.now());
    },
    setVisible(visible) {
      for (const tell of visibles) tell(visible);
    },
    advance: manual.advance,
    now: () => clock.now(),
    // Replaced below, because the ports need the world.
    ports: undefined as unknown as Ports,
  };
  world.ports = createPorts(world, { clock, changed, listeners, navigations, visibles });
  return world;
}

interface Ears {
  clock: Ports["clock"];
  changed: Set<() => void>;
  listeners: Set<(request: NetworkRequest) => void>;
  navigations: Set<(url: string, at: number) => void>;
  visibles: Set<(visible: boolean) => void>;
}

function createPorts(world: MemoryWorld, ears: Ears): Ports {
  const { did } = world;
  return {
    clock: ears.clock,
    bridge: createBridge(world),
    cookies: {
      list: async () => structuredClone(world.cookies),
      watch: (tell) => listen(ears.changed, tell),
      write: async (cookie, replaces) => {
        if (world.refuseCookies !== null) return { ok: false, reason: world.refuseCookies, restored: true };
        const gone = new Set([cookie.id, replaces?.id]);
        world.setCookies([...world.cookies.cookies.filter((each) => !gone.has(each.id)), cookie]);
        return { ok: true, cookie };
      },
      remove: async (cookie) => {
        world.setCookies(world.cookies.cookies.filter((each) => each.id !== cookie.id));
        return true;
      },
    },
    requests: {
      history: async () => structuredClone(world.history),
      watch: (listener) => listen(ears.listeners, listener),
      watchNavigations: (listener) => listen(ears.navigations, listener),
      clear: () => void did.push("clear"),
      setRecording: (on) => void did.push(`recording ${on ? "on" : "off"}`),
    },
    rehearsal: createRehearsal(world),
    tab: {
      tabId: 1,
      async address() {
        if (world.claim !== null) return { by: "page", url: world.claim };
        return world.url === null ? { by: "none" } : { by: "browser", url: world.url };
      },
      reload: () => void did.push("reload"),
      theme: () => world.theme,
      watchTheme: () => () => {},
      watchVisible: (listener) => listen(ears.visibles, listener),
      showInNetwork: async (request) => void did.push(`network ${request.method} ${request.url}`),
    },
    permissions: {
      has: async (origin) => !world.cookies.denied.includes(origin),
      request: async (origin) => {
        world.cookies = { ...world.cookies, denied: world.cookies.denied.filter((each) => each !== origin) };
        for (const tell of ears.changed) tell();
        return "granted";
      },
      watch: (tell) => listen(ears.changed, tell),
    },
    preferences: {
      load: async () => world.preferences,
      save: async (preferences) => {
        world.preferences = structuredClone(preferences);
      },
    },
    keep: {
      recall: async () => structuredClone([...world.kept]),
      keep(key, value) {
        if (value === undefined) world.kept.delete(key);
        else world.kept.set(key, structuredClone(value));
      },
    },
  };
}

/** Each call goes to the server of its origin. */
function createBridge(world: MemoryWorld): Ports["bridge"] {
  const serverOf = (origin: string): MemoryServer => world.servers.get(origin) ?? world.server;
  return {
    call: (origin, name, request) => serverOf(origin).call(origin, name, request),
    traces: (origin, request, signal) => serverOf(origin).traces(origin, request, signal),
    useToken: async (origin, token) => serverOf(origin).useToken?.(origin, token),
    placeOf: (origin) => world.places.get(origin) ?? origin,
    allowPort: (origin, port) => void world.did.push(`port ${port} for ${origin}`),
  };
}

function createRehearsal(world: MemoryWorld): Ports["rehearsal"] {
  const ending = (): TabCookie[] => world.cookies.cookies.filter((each) => each.expiresAt === null);
  return {
    preview: async () => ({ cookies: ending(), storage: structuredClone(world.storage) }),
    close: async () => {
      const report: CloseReport = { cookies: ending(), storage: structuredClone(world.storage), left: [] };
      world.storage = [];
      world.setCookies(world.cookies.cookies.filter((each) => each.expiresAt !== null));
      return report;
    },
    restore: async (report) => {
      world.storage = structuredClone(report.storage);
      const put = new Set(report.cookies.map((each) => each.id));
      world.setCookies([...world.cookies.cookies.filter((each) => !put.has(each.id)), ...report.cookies]);
      return { failed: [] };
    },
  };
}

/** A request with the fields that were left out. */
export function fillRequest(partial: Partial<NetworkRequest> & { id: string; at: number }): NetworkRequest {
  return {
    method: "GET",
    url: "http://localhost:8000/",
    status: 200,
    type: "document",
    durationMs: 3,
    traceId: null,
    sentCookies: [],
    setCookies: [],
    fromCache: false,
    error: null,
    ...partial,
  };
}

/** A session cookie of localhost with the fields that were left out. */
export function fillCookie(partial: Partial<TabCookie> = {}): TabCookie {
  const name = partial.name ?? "sessionid";
  return {
    id: `0||localhost|/|${name}`,
    name,
    value: "k3v9abcdefghijklmnopqrstuvwxx0q2",
    domain: "localhost",
    hostOnly: true,
    path: "/",
    secure: false,
    httpOnly: true,
    sameSite: "lax",
    expiresAt: null,
    storeId: "0",
    partitionKey: null,
    recognised: { framework: "Django", role: "session" },
    ...partial,
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function createManualClock() {
  let now = START;
  const timers = new Set<{ ms: number; next: number; tick: () => void }>();
  const clock: Ports["clock"] = {
    now: () => now,
    every(ms, tick) {
      const timer = { ms, next: now + ms, tick };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const advance = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const due = [...timers].filter((timer) => timer.next <= end).sort((a, b) => a.next - b.next)[0];
      if (due === undefined) break;
      now = Math.max(now, due.next);
      due.next += due.ms;
      due.tick();
    }
    now = end;
  };
  return { clock, advance };
}
