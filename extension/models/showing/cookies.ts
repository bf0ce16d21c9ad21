/** The rows of the cookie list: which cookies are watched, in which order, what is known of each, and the selected one. */
import { computed, createModel, type ReadonlySignal, signal } from "@preact/signals";
import { findCandidates } from "../../logic/candidates.ts";
import { chunksOf, joinCookies, type SplitNames } from "../../logic/chunked-cookies.ts";
import { type CookieRow, groupByHost, isSessionCookie } from "../../logic/cookie-rows.ts";
import type { Blocked } from "../../logic/explain/blocked-cookies.ts";
import { type CookieOrigins, findOrigin } from "../../logic/timeline/cookie-origins.ts";
import type { Entry } from "../../logic/timeline/entry.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { CookieListModel } from "./cookie-list.ts";
import type { Watch } from "./preferences.ts";
import type { SeenCookies } from "./seen-cookies.ts";

interface CookiesOptions {
  list: InstanceType<typeof CookieListModel>;
  seen: SeenCookies;
  watch: ReadonlySignal<Watch>;
  /** Names that the user watches. */
  watchNames: ReadonlySignal<readonly string[]>;
  /** What the tab's own timeline holds. */
  entries: ReadonlySignal<readonly Entry[]>;
  /** Names that bridges call session cookies. */
  names: ReadonlySignal<ReadonlySet<string>>;
  /** Those among them whose cookies may be split. */
  split: ReadonlySignal<SplitNames>;
  /** What responses requested for each cookie. */
  origins: ReadonlySignal<CookieOrigins>;
  /** Session cookies that the browser refused. */
  blocked: ReadonlySignal<readonly Blocked[]>;
}

/** The cookies that this tab can send, as rows. */
export const CookiesModel = createModel((options: CookiesOptions) => {
  const { list, loaded, failure, expired, renewed, reload, dismissExpired } = options.list;
  const chosen = signal<string | null>(null);

  /** Names whose cookies carry sessions, according to a bridge or the user. */
  const sessionNames = computed(() => new Set([...options.names.value, ...options.watchNames.value]));

  const toRow = (cookie: TabCookie, expired: boolean): CookieRow => {
    const origin = findOrigin(options.origins.value, chunksOf(cookie)[0] ?? cookie);
    const since = origin?.since ?? options.seen.sinceOf(cookie) ?? null;
    const wholeMs = cookie.expiresAt === null || since === null ? null : cookie.expiresAt - since;
    return { cookie, expired, origin, wholeMs, problem: null };
  };
  /** The cookies in the browser, those that a library splits as one. */
  const whole = computed(() => joinCookies(list.value.cookies, options.split.value));
  /** Rows keep the place in which their cookie was first seen, even when it expires. */
  const rows = computed<CookieRow[]>(() => {
    const { placeOf } = options.seen;
    const over = joinCookies(expired.value, options.split.value);
    const all = [...whole.value, ...over].sort((one, other) => placeOf(one) - placeOf(other));
    const wanted = watched(all, options.watch.value, sessionNames.value);
    const gone = new Set(over);
    const refused = options.blocked.value.map(({ cookie, problem }) => ({
      ...toRow(cookie, false),
      problem,
    }));
    return [...wanted.map((cookie) => toRow(cookie, gone.has(cookie))), ...refused];
  });
  const groups = computed(() => groupByHost(rows.value, list.value.hosts));
  const ordered = computed(() => groups.value.flatMap((group) => group.rows));
  const selected = computed<CookieRow | null>(() => {
    const all = ordered.value;
    const named = all.find(
      (row) => options.names.value.has(row.cookie.name) && row.problem === null && !row.expired,
    );
    return all.find((row) => row.cookie.id === chosen.value) ?? named ?? all[0] ?? null;
  });

  return {
    list,
    loaded,
    failure,
    rows: ordered,
    groups,
    selected,
    /** The cookie that the user chose in the list; null if they chose none, and then `selected` is the first. */
    chosen: computed(() => whole.value.find(({ id }) => id === chosen.value) ?? null),
    /** The cookie with this id as it is now. */
    current: (id: string): TabCookie | undefined => whole.peek().find((cookie) => cookie.id === id),
    /** Cookies that may carry a session but are not recognised. */
    candidates: computed(() => findCandidates(list.value, options.entries.value)),
    renewed,
    reload,
    dismissExpired,
    watch: options.watch,
    watchNames: options.watchNames,
    /** The cookies in the browser that `watch` selects; `watchNames` are the current ones unless given. */
    held: (watch: Watch, watchNames: readonly string[] = options.watchNames.peek()) =>
      watched(list.peek().cookies, watch, new Set([...options.names.peek(), ...watchNames])),
    select(id: string | null) {
      chosen.value = id;
    },
  };
});

function watched(cookies: readonly TabCookie[], watch: Watch, names: ReadonlySet<string>) {
  return watch === "all" ? cookies : cookies.filter((cookie) => isSessionCookie(cookie, names));
}
