/** The cookies that this tab can send: listed again when the browser says so, and kept on screen when they run out. */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import { type CookieOrigin, type CookieRow, groupByHost, isSessionCookie } from "../../logic/cookie-rows.ts";
import type { Blocked } from "../../logic/explain/blocked-cookies.ts";
import { originKey } from "../../logic/timeline/cookie-origins.ts";
import type { CookieList, CookiesPort, TabCookie } from "../../ports/ports.ts";
import type { Watch } from "./preferences.ts";

export interface CookiesOptions {
  port: CookiesPort;
  /** What countdowns show; it stands still while the panel is hidden. */
  now: ReadonlySignal<number>;
  /** The moment itself. */
  time: () => number;
  watch: ReadonlySignal<Watch>;
  /** Names that bridges call session cookies. */
  names: ReadonlySignal<ReadonlySet<string>>;
  /** Who set a cookie's present expiry, by its `originKey`. */
  origins: ReadonlySignal<ReadonlyMap<string, CookieOrigin>>;
  /** Session cookies that the browser refused. */
  blocked: ReadonlySignal<readonly Blocked[]>;
}

/** A tab of which nothing is known. */
export const NO_COOKIES: CookieList = { cookies: [], hosts: [], denied: [] };

/** Expired rows that stay visible; older ones go. */
const MAX_EXPIRED = 20;
/** Cookies whose place is remembered beside those that are there: some sites name each one anew. */
const MAX_SEEN = 1000;

export const CookiesModel = createModel((options: CookiesOptions) => {
  const list = signal<CookieList>(NO_COOKIES);
  const loaded = signal(false);
  const failure = signal<string | null>(null);
  const expired = signal<readonly TabCookie[]>([]);
  const chosen = signal<string | null>(null);
  const firstSeen = new Map<string, { expiresAt: number | null; at: number; place: number }>();
  const renewed = signal<ReadonlySet<string>>(new Set());
  let places = 0;
  let reading = false;
  let again = false;

  const reload = async (): Promise<void> => {
    again = true;
    if (reading) return;
    reading = true;
    try {
      while (again) {
        again = false;
        take(await options.port.list());
        failure.value = null;
      }
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
    } finally {
      reading = false;
      loaded.value = true;
    }
  };

  const take = (next: CookieList): void => {
    const now = options.time();
    const ids = new Set(next.cookies.map((cookie) => cookie.id));
    const ranOut = list.peek().cookies.filter((old) => !ids.has(old.id) && isOver(old, now));
    const kept = [...expired.peek().filter((old) => !ids.has(old.id)), ...ranOut];
    expired.value = [...new Map(kept.map((cookie) => [cookie.id, cookie])).values()].slice(-MAX_EXPIRED);
    const later = new Set<string>();
    for (const cookie of next.cookies) {
      const seen = firstSeen.get(cookie.id);
      if (seen !== undefined && (cookie.expiresAt ?? 0) > (seen.expiresAt ?? 0)) later.add(cookie.id);
      if (seen !== undefined && seen.expiresAt === cookie.expiresAt) continue;
      const place = seen?.place ?? places++;
      firstSeen.set(cookie.id, { expiresAt: cookie.expiresAt, at: now, place });
    }
    for (const id of firstSeen.keys()) {
      if (firstSeen.size <= MAX_SEEN) break;
      if (!ids.has(id)) firstSeen.delete(id);
    }
    renewed.value = later;
    list.value = next;
  };

  const rows = computed<CookieRow[]>(() => {
    const all = [...list.value.cookies, ...expired.value].sort((one, other) => placeOf(one) - placeOf(other));
    const wanted = watched(all, options.watch.value, options.names.value);
    const gone = new Set(expired.value);
    const refused = options.blocked.value.map(({ cookie, problem }) => ({
      ...toRow(cookie, false),
      problem,
    }));
    return [...wanted.map((cookie) => toRow(cookie, gone.has(cookie))), ...refused];
  });

  /** Rows keep the place in which their cookie was first seen, also when it runs out. */
  const placeOf = (cookie: TabCookie): number => firstSeen.get(cookie.id)?.place ?? 0;
  const toRow = (cookie: TabCookie, expired: boolean): CookieRow => {
    const origin = options.origins.value.get(originKey(cookie)) ?? null;
    const since = origin?.since ?? firstSeen.get(cookie.id)?.at ?? null;
    const wholeMs = cookie.expiresAt === null || since === null ? null : cookie.expiresAt - since;
    return { cookie, expired, origin, wholeMs, problem: null };
  };

  const groups = computed(() => groupByHost(rows.value, list.value.hosts));
  const ordered = computed(() => groups.value.flatMap((group) => group.rows));
  const selected = computed<CookieRow | null>(() => {
    const all = ordered.value;
    const named = all.find(
      (row) => options.names.value.has(row.cookie.name) && row.problem === null && !row.expired,
    );
    return all.find((row) => row.cookie.id === chosen.value) ?? named ?? all[0] ?? null;
  });
  /** The next moment at which a listed cookie ends: the browser tells nothing when it comes. */
  const nextEnd = computed(() => {
    const ends = list.value.cookies.flatMap((cookie) => cookie.expiresAt ?? []);
    return ends.length === 0 ? null : Math.min(...ends);
  });
  /** The second in which an ended cookie is still listed, or null: asked again each second until it is gone. */
  const overdue = computed(() =>
    nextEnd.value !== null && options.now.value >= nextEnd.value
      ? Math.floor(options.now.value / 1000)
      : null,
  );

  effect(() => options.port.watch(() => void reload()));
  effect(() => {
    if (overdue.value !== null) reload();
  });
  reload();

  return {
    list,
    loaded,
    failure,
    rows: ordered,
    groups,
    selected,
    /** Ids of cookies whose end moved later at the last change: a sliding session. */
    renewed,
    reload,
    watch: options.watch,
    /** The cookies that are in the browser, of those that `watch` lets see. */
    held: (watch: Watch) => watched(list.peek().cookies, watch, options.names.peek()),
    select(id: string | null) {
      chosen.value = id;
    },
    /** Forgets the rows of cookies that ran out. */
    dismissExpired() {
      expired.value = [];
    },
  };
});

function watched(cookies: readonly TabCookie[], watch: Watch, names: ReadonlySet<string>) {
  return watch === "all" ? cookies : cookies.filter((cookie) => isSessionCookie(cookie, names));
}

function isOver(cookie: TabCookie, now: number): boolean {
  return cookie.expiresAt !== null && cookie.expiresAt <= now + 1000;
}
