/**
 * The tab's cookies as the browser lists them: listed again when it reports a change, and those that have expired in the
 * meantime.
 */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { CookieList, TabCookie } from "../../messages/tab-cookie.ts";
import type { CookiesPort } from "../../ports/ports.ts";
import type { SeenCookies } from "./seen-cookies.ts";

interface CookieListOptions {
  port: CookiesPort;
  /** What countdowns show; it stops while the panel is hidden. */
  now: ReadonlySignal<number>;
  /** The current time itself. */
  time: () => number;
  seen: SeenCookies;
}

/** A tab of which nothing is known. */
export const NO_COOKIES: CookieList = { cookies: [], hosts: [], denied: [] };

/** The most expired rows that stay visible; older ones are dropped. */
const MAX_EXPIRED = 20;

/** The list, read immediately and after every change. */
export const CookieListModel = createModel((options: CookieListOptions) => {
  const list = signal<CookieList>(NO_COOKIES);
  const loaded = signal(false);
  const failure = signal<string | null>(null);
  const expired = signal<readonly TabCookie[]>([]);
  const renewed = signal<ReadonlySet<string>>(new Set());
  let reading = false;
  let again = false;

  const take = (next: CookieList): void => {
    const now = options.time();
    const ids = new Set(next.cookies.map((cookie) => cookie.id));
    const ranOut = list.peek().cookies.filter((old) => !ids.has(old.id) && isOver(old, now));
    const kept = [...expired.peek().filter((old) => !ids.has(old.id)), ...ranOut];
    expired.value = [...new Map(kept.map((cookie) => [cookie.id, cookie])).values()].slice(-MAX_EXPIRED);
    renewed.value = options.seen.note(next.cookies, now);
    list.value = next;
  };
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

  /** The next time at which a listed cookie expires: the browser reports nothing when it does. */
  const nextEnd = computed(() => {
    const ends = list.value.cookies.flatMap((cookie) => cookie.expiresAt ?? []);
    return ends.length === 0 ? null : Math.min(...ends);
  });
  /** The second in which an expired cookie is still listed, or null: listed again each second until it is gone. */
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
    /** Cookies that have expired and are gone from the list. */
    expired,
    /** Ids of cookies whose expiry moved later at the last change: a sliding session. */
    renewed,
    reload,
    /** Forgets the expired cookies. */
    dismissExpired() {
      expired.value = [];
    },
  };
});

function isOver(cookie: TabCookie, now: number): boolean {
  return cookie.expiresAt !== null && cookie.expiresAt <= now + 1000;
}
