/**
 * A Django site, a browser and two tabs of it in memory, by a clock that jumps from event to event. It knows what each request did to
 * the session, and tells the panel of one tab late, out of order and in parts, as browsers do.
 */
import { signal } from "@preact/signals";
import type { HelloAnswer } from "session-bridge/protocol";
import type { Reading, SpanEntry } from "../../../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import type { Link } from "../../../../extension/models/connection/bridge-link.ts";
import { createSessionReadings } from "../../../../extension/models/connection/session-readings.ts";
import type { BridgePort, ClockPort } from "../../../../extension/ports/ports.ts";
import { fillCookie, fillRequest } from "../../../panel/memory-ports/world.ts";

/** What a handler does. `fixate`: a login that keeps its key. */
export type Act = "look" | "change" | "save" | "login" | "logout" | "fixate";

/** What a request did, as the site itself knows. */
export interface Truth {
  act: Act;
  /** Keys whose values were others after its save than just before it. */
  changed: readonly string[];
  newKey: boolean;
  deleted: boolean;
  /** When its response deleted the browser's cookie; null when it did not. */
  cookieEndedAt: number | null;
}

/** Gives numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SITE = "http://localhost:8000";
const AGE_MS = 3_600_000;

interface Jar {
  value: string;
  endsAt: number | null;
}

interface Play {
  random: () => number;
  savesEvery: boolean;
}

/** A stage for one play. */
export function createDjangoInMemory({ random, savesEvery }: Play) {
  let now = 1_795_424_400_000;
  const events: { at: number; run: () => void }[] = [];
  const timers = new Set<{ ms: number; next: number; tick: () => void }>();
  const store = new Map<string, Record<string, number>>();
  let jar: Jar = { value: "", endsAt: null };
  let count = 0;
  const truths = new Map<string, Truth>();
  const told: { id: string; reading: Reading }[] = [];
  const spansTold: SpanEntry[] = [];
  const vain: number[] = [];
  const readings = new Map<string, Reading>();
  const spans = new Map<string, SpanEntry>();
  let asked = 0;
  const cookies = signal<readonly TabCookie[]>([]);
  const between = (low: number, high: number): number => Math.round(low + random() * (high - low));
  const later = (ms: number, run: () => void): void => void events.push({ at: now + ms, run });

  const clock: ClockPort = {
    now: () => now,
    every(ms, tick) {
      const timer = { ms, next: now + ms, tick };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const bridge = {
    async call(_origin: string, _name: string, { cookie }: { cookie: string }) {
      asked += 1;
      const sent = Promise.withResolvers<void>();
      const answered = Promise.withResolvers<void>();
      later(between(1, 15), sent.resolve);
      await sent.promise;
      const data = store.get(cookie);
      const dataJson = JSON.stringify(data ?? {});
      later(between(1, 15), answered.resolve);
      await answered.promise;
      if (data === undefined && cookie === jar.value && !store.has(cookie)) vain.push(now);
      const found = data !== undefined;
      const answer = found
        ? { found, session: { keyId: cookie, dataJson } }
        : { found, reason: "unknown" as const };
      return { ok: true as const, answer: { serverTime: now, ...answer } };
    },
  } as unknown as BridgePort; // only `session` is called, and of its answer only these fields are read
  const hello = signal<HelloAnswer | null>({
    protocol: 1,
    library: { name: "Django", version: "5.2" },
    engine: "database",
    cookieNames: ["sessionid"],
    capabilities: ["read"],
    serverTime: now,
    process: "p1",
  });
  const link = { hello, cookies } as unknown as Link; // the two of its signals that readings look at
  const panel = createSessionReadings({
    bridge,
    clock,
    links: signal(new Map([[SITE, link]])),
    take(id, reading) {
      if (reading === null) readings.delete(id);
      else readings.set(id, reading);
      if (reading !== null) told.push({ id, reading });
    },
    takeSpan(id, span) {
      if (span === null) spans.delete(id);
      else spans.set(id, span);
      if (span !== null) spansTold.push(span);
    },
    changed: () => {},
  });

  /** The browser takes a Set-Cookie; the panel's list follows. */
  function setCookie(next: Jar): void {
    jar = next;
    later(between(5, 300), () => {
      const held = jar.value === "" ? [] : [fillCookie({ value: jar.value, expiresAt: jar.endsAt })];
      cookies.value = held;
    });
  }

  /** What the handler does; gives the Set-Cookie line, or null. Runs at the moment of the save. */
  function save(
    id: string,
    act: Act,
    sent: string,
    loaded: Record<string, number> | undefined,
  ): string | null {
    const truth: Truth = { act, changed: [], newKey: false, deleted: false, cookieEndedAt: null };
    truths.set(id, truth);
    const key = () => `key-${++count}`;
    if (act === "logout") {
      if (sent === "") return null;
      truth.deleted = store.delete(sent);
      return "";
    }
    if (act === "look" && !(savesEvery && loaded !== undefined)) return null;
    // Another request logged out or cycled meanwhile: Django answers 400 and saves nothing (SessionInterrupted).
    if (loaded !== undefined && !store.has(sent)) return null;
    const data = { ...loaded };
    if (act === "change") data[`k${between(1, 3)}`] = between(1, 1_000_000);
    if (act === "login" || act === "fixate") data["user_id"] = between(1, 1_000_000);
    const old = loaded === undefined ? key() : sent;
    const isCycled = act === "login" && loaded !== undefined;
    const name = isCycled ? key() : old;
    const before = store.get(old) ?? {};
    if (isCycled) store.delete(old);
    store.set(name, data);
    const keys = [...new Set([...Object.keys(before), ...Object.keys(data)])];
    truth.changed = keys.filter((each) => before[each] !== data[each]);
    truth.newKey = isCycled;
    return name;
  }

  /** One request, from this tab (the panel is told of it) or from another. */
  function request(act: Act, own: boolean): void {
    count += 1;
    const id = `r${count}`;
    const startedAt = now;
    const took = random() < 0.1 ? between(500, 2500) : between(8, 250);
    const sent = jar.value;
    const loadsAt = Math.min(took - 2, between(1, 5));
    const savesAt = random() < 0.2 ? between(loadsAt, took - 1) : Math.max(loadsAt, took - between(1, 6));
    const isRedirect = act === "login" || act === "logout" || random() < 0.1;
    const base = fillRequest({
      id,
      at: startedAt,
      method: act === "look" ? "GET" : "POST",
      url: `${SITE}/${act}`,
      status: null,
      durationMs: null,
    });
    const tell = (ms: number, more: Partial<NetworkRequest>): void => {
      if (own) later(ms, () => panel.saw({ ...base, ...more }));
    };
    tell(Math.min(between(0, 60), took), {});
    let loaded: Record<string, number> | undefined;
    let line: string | null = null;
    later(loadsAt, () => {
      loaded = store.get(sent);
    });
    later(savesAt, () => {
      line = save(id, act, sent, loaded);
    });
    later(took, () => {
      const setCookies =
        line === null ? [] : line === "" ? ['sessionid=""; Max-Age=0'] : [`sessionid=${line}; Max-Age=3600`];
      const status = isRedirect ? 302 : 200;
      const known = { status, durationMs: took };
      const truth = truths.get(id);
      if (line === "" && truth !== undefined) truth.cookieEndedAt = now;
      if (line !== null)
        setCookie(line === "" ? { value: "", endsAt: null } : { value: line, endsAt: now + AGE_MS });
      // Most redirects are told without their cookies at first, and after the page behind them.
      const isLate = isRedirect && random() < 0.8;
      const first = between(1, 120);
      if (isLate) tell(first, { ...known, setCookies: [] });
      tell(isLate ? first + between(60, 300) : first, { ...known, setCookies });
      if (isRedirect && act !== "look") later(between(1, 4), () => request("look", own));
    });
  }

  async function runUntil(end: number): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
      const timer = [...timers].reduce((a, b) => (b.next < a.next ? b : a), {
        ms: 0,
        next: end + 1,
        tick() {},
      });
      const event = events.reduce((a, b) => (b.at < a.at ? b : a), { at: end + 1, run() {} });
      if (Math.min(timer.next, event.at) > end) break;
      if (event.at <= timer.next) {
        events.splice(events.indexOf(event), 1);
        now = Math.max(now, event.at);
        event.run();
      } else {
        now = Math.max(now, timer.next);
        timer.next += timer.ms;
        timer.tick();
      }
    }
    now = end;
  }

  return {
    request,
    between,
    later,
    truths,
    /** What the timeline was told of requests, all of it, also what was taken back later. */
    told,
    spansTold,
    /** When the panel learned that the server has no session for the cookie that the browser holds. */
    vain,
    /** What it shows at the end. */
    readings,
    spans,
    /** How often the session was asked for. */
    asked: () => asked,
    now: () => now,
    runFor: (ms: number) => runUntil(now + ms),
    stop: () => panel.stop(),
  };
}
