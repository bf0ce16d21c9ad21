/**
 * The demo's outside world, all of it in memory: nothing here reaches the browser, the inspected tab or what the panel keeps.
 */
import type { NetworkRequest } from "../messages/network-request.ts";
import type { CookieList, TabCookie } from "../messages/tab-cookie.ts";
import type { ClockPort, CloseReport, Ports, ThemeName } from "../ports/ports.ts";
import { createDemoServer, type DemoServer } from "./demo-server.ts";

/** The page that the demo pretends to inspect. */
export const DEMO_ORIGIN = "http://demo.localhost";

/** What the demo takes from the real panel: the time, and how it looks. */
export interface DemoSurroundings {
  clock: ClockPort;
  /** Null: `prefers-color-scheme` decides. */
  theme: ThemeName | null;
  /** What it takes of the user's preferences: the theme, and where the borders between the panes are. It is only read. */
  preferences: unknown;
}

/** The ports, and how the story changes what is behind them. */
export interface DemoWorld {
  ports: Ports;
  server: DemoServer;
  cookies(): readonly TabCookie[];
  setCookies(cookies: readonly TabCookie[]): void;
  /** Reports a request of the page. */
  request(request: NetworkRequest): void;
  now(): number;
}

/** A world with one page and no cookies. */
export function createDemoWorld({ clock, theme, preferences }: DemoSurroundings): DemoWorld {
  const changed = new Set<() => void>();
  const listeners = new Set<(request: NetworkRequest) => void>();
  const history: NetworkRequest[] = [];
  const now = (): number => clock.now();
  const server = createDemoServer(now);
  const jar: Jar = {
    list: { cookies: [], hosts: ["demo.localhost"], denied: [] },
    set(cookies) {
      jar.list = { ...jar.list, cookies: [...cookies] };
      for (const call of changed) call();
    },
  };
  return {
    server,
    now,
    cookies: () => jar.list.cookies,
    setCookies: jar.set,
    request(request) {
      history.push(request);
      for (const listener of listeners) listener(request);
    },
    ports: {
      clock,
      bridge: server.bridge,
      cookies: { ...createJar(jar), watch: (call) => listen(changed, call) },
      requests: {
        history: async () => ({ requests: [...history], dropped: 0 }),
        watch: (listener) => listen(listeners, listener),
        watchNavigations: () => nothing,
        clear: () => void history.splice(0),
        setRecording: nothing,
      },
      rehearsal: createRehearsal(jar),
      ...createPage(theme),
      preferences: { load: async () => structuredClone(preferences), save: async () => {} },
      keep: { recall: async () => [], keep: nothing },
    },
  };
}

interface Jar {
  list: CookieList;
  set(cookies: readonly TabCookie[]): void;
}

function createJar(jar: Jar): Pick<Ports["cookies"], "list" | "write" | "remove"> {
  return {
    list: async () => structuredClone(jar.list),
    async write(cookie, replaces) {
      const gone = new Set([cookie.id, replaces?.id]);
      jar.set([...jar.list.cookies.filter(({ id }) => !gone.has(id)), cookie]);
      return { ok: true, cookie };
    },
    async remove(cookie) {
      jar.set(jar.list.cookies.filter(({ id }) => id !== cookie.id));
      return true;
    },
  };
}

function createRehearsal(jar: Jar): Ports["rehearsal"] {
  const ending = (): TabCookie[] => jar.list.cookies.filter(({ expiresAt }) => expiresAt === null);
  return {
    preview: async () => ({ cookies: ending(), storage: [] }),
    async close() {
      const report: CloseReport = { cookies: ending(), storage: [], left: [] };
      jar.set(jar.list.cookies.filter(({ expiresAt }) => expiresAt !== null));
      return report;
    },
    async restore({ cookies }) {
      const back = new Set(cookies.map(({ id }) => id));
      jar.set([...jar.list.cookies.filter(({ id }) => !back.has(id)), ...cookies]);
      return { failed: [] };
    },
  };
}

/** A page that is open, may be read, and never changes. */
function createPage(theme: ThemeName | null): Pick<Ports, "tab" | "permissions"> {
  return {
    tab: {
      tabId: -1,
      address: async () => ({ by: "browser", url: `${DEMO_ORIGIN}/` }),
      reload: nothing,
      theme: () => theme,
      watchTheme: () => nothing,
      watchVisible: () => nothing,
    },
    permissions: {
      has: async () => true,
      request: async () => "granted",
      watch: () => nothing,
    },
  };
}

function listen<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function nothing(): void {}
