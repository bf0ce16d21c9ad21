/**
 * The links of this tab, and the current one: the status and the session pane are about it. It is the page's own link, unless
 * that has no bridge or the user chose another.
 */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import { findSharedCookie } from "../../logic/shared-cookies.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Link } from "./bridge-link.ts";
import type { LinksModel } from "./links.ts";

/** What the current link is found by. */
interface Candidates {
  all: ReadonlyMap<string, Link>;
  /** The page's own origin. */
  page: string | null;
  /** What the user chose. */
  cookie: TabCookie | null;
  origin: string | null;
}

/**
 * @param chosenCookie the cookie that the user chose; null if they chose none
 * @param newToken makes a token for the server of an origin
 */
export const ConnectionModel = createModel(
  (
    known: InstanceType<typeof LinksModel>,
    chosenCookie: ReadonlySignal<TabCookie | null>,
    newToken: (origin: string) => string,
  ) => {
    const {
      links,
      names,
      split,
      met,
      pageUrl,
      pageOrigin,
      claimedOrigin,
      mark,
      isLoaded,
      navigated,
      tryNow,
    } = known;
    const chosenOrigin = signal<string | null>(null);
    const dismissed = signal<ReadonlySet<string>>(new Set());
    effect(() => {
      pageOrigin.value;
      chosenOrigin.value = null; // a choice applies to the page on which it was made
    });
    const current = computed(() =>
      findCurrent({
        all: links.value,
        page: pageOrigin.value,
        cookie: chosenCookie.value,
        origin: chosenOrigin.value,
      }),
    );
    const shared = computed(() => findSharedCookie(pageOrigin.value, met.value));
    const keyOf = ({ page, other }: { page: string; other: string }) => [page, other].sort().join(" ");

    return {
      links,
      current,
      names,
      split,
      pageUrl,
      pageOrigin,
      /** The origin that the page claims if the browser may not report its address. */
      claimedOrigin,
      mark,
      isLoaded,
      /** A token for the server of this origin, the same each time, to be copied into its environment. */
      newToken,
      navigated,
      tryNow,
      /** Another origin that the page reached and that requires a token; null if the page's own has a bridge. */
      offered: computed(() => findOffered(links.value, pageOrigin.value)),
      /** True for an origin that may get a token: the page's own, or the one that the user chose by its name. */
      mayHaveToken: (origin: string): boolean => origin === pageOrigin.value || origin === chosenOrigin.value,
      /** Shows the bridge of this origin, as long as the page stays. */
      choose(origin: string) {
        chosenOrigin.value = origin;
      },
      /**
       * Names the server that is called for this origin, ` at http://localhost:3000` or ` through http://127.0.0.1:47801`; the
       * page's own server needs no name.
       */
      whereText: (origin: string): string => {
        const place = links.value.get(origin)?.place.value ?? origin;
        return (
          (origin === pageOrigin.value ? "" : ` at ${origin}`) + (place === origin ? "" : ` through ${place}`)
        );
      },
      /** Two apps of this tab whose cookies overwrite each other, until the user dismisses it. */
      shared: computed(() => {
        const found = shared.value;
        return found === null || dismissed.value.has(keyOf(found)) ? null : found;
      }),
      dismissShared() {
        const found = shared.peek();
        if (found !== null) dismissed.value = new Set([...dismissed.peek(), keyOf(found)]);
      },
    };
  },
);

function findCurrent({ all, page, cookie, origin }: Candidates): Link | null {
  const named = origin === null ? undefined : all.get(origin);
  if (named !== undefined) return named;
  const own = page === null ? null : (all.get(page) ?? null);
  const others = [...all.values()].filter((link) => link !== own && isLive(link));
  const chosen = cookie === null ? null : findByCookie(own, others, cookie);
  if (chosen !== null) return chosen;
  return (hasNoBridge(own) ? others[0] : null) ?? own;
}

/** The bridge that the cookie belongs to. If several fit, as on localhost, it is preferably the page's own. */
function findByCookie(own: Link | null, others: readonly Link[], cookie: TabCookie): Link | null {
  const fits = (link: Link): boolean => link.cookies.value.some(({ id }) => id === cookie.id);
  const names = (link: Link): boolean => link.hello.value?.cookieNames.includes(cookie.name) ?? false;
  if (own !== null && fits(own) && (own.hello.value === null || names(own))) return own;
  return others.find((link) => fits(link) && names(link)) ?? null;
}

/** True for an origin that was not called, has no bridge, or may not be read. */
function hasNoBridge(link: Link | null): boolean {
  return link === null || ["absent", "no-access"].includes(link.state.value.state);
}

/** The bridge introduced itself and has not refused the panel since. */
function isLive(link: Link): boolean {
  const { state } = link.state.value;
  return link.hello.value !== null && (state === "ready" || state === "lost");
}

function findOffered(all: ReadonlyMap<string, Link>, page: string | null): string | null {
  const own = page === null ? null : (all.get(page) ?? null);
  if (!hasNoBridge(own)) return null;
  const asking = [...all.values()].find((link) => {
    const state = link.state.value;
    return link !== own && state.state === "refused" && asksForToken(state.refusal.code);
  });
  return asking?.origin.value ?? null;
}

/** True for refusals that a token can resolve. */
export function asksForToken(code: string): boolean {
  return code === "token-missing" || code === "token-wrong";
}
