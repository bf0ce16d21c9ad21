/**
 * Which bridges this tab has: the page's own origin is called, and every origin whose responses to this page named a trace. A
 * link ends when the page goes to another origin, unless the new page has earned it itself.
 */
import { batch, computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { EpochMs, HelloAnswer } from "session-bridge/protocol";
import { joinSetCookies, namesInBrowser, type SplitNames, splitNames } from "../../logic/chunked-cookies.ts";
import { cookieFits, type Destination } from "../../logic/cookie-fits.ts";
import { valuesSet } from "../../logic/cookie-rows.ts";
import type { MetApp } from "../../logic/shared-cookies.ts";
import { originOf } from "../../logic/timeline/entry.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Link, LinkEvent } from "./bridge-link.ts";
import { createEarnedOrigins } from "./earned-origins.ts";
import { createLinkSet } from "./link-set.ts";
import { type Move, PageAddressModel } from "./page-address.ts";
import { createPageMarks } from "./page-marks.ts";
import { createPageStarts } from "./page-starts.ts";

interface LinksOptions {
  ports: Pick<Ports, "bridge" | "clock" | "tab">;
  /** All cookies of the tab. */
  cookies: ReadonlySignal<readonly TabCookie[]>;
  /** When the page at this address began; null if its document was not seen. */
  startOfPage: (url: string) => EpochMs | null;
  missing: (origin: string) => readonly string[];
  heard: (origin: string, event: LinkEvent) => void;
}

/** Apps of this tab whose cookie names are remembered, to notice when two share one. */
const MAX_MET = 50;

/** The links to the bridges of this tab, and the address of its page. */
export const LinksModel = createModel((options: LinksOptions) => {
  const earned = createEarnedOrigins();
  const marks = createPageMarks(options.ports);
  /** Counts changes of `earned`. */
  const learned = signal(0);
  const starts = createPageStarts(options.startOfPage, earned);
  const page = new PageAddressModel({ ports: options.ports, moved: (move) => batch(() => moved(move)) });
  const { links, ask, end } = createLinkSet({
    ...options,
    own: page.origin,
    cookiesOf: (origin) =>
      fittingCookies(options.cookies, () => {
        learned.value;
        return destinationOf(origin, page.url.value ?? null, earned.paths(origin));
      }),
  });
  /** Forgets what the open page did not earn, and learns what its own responses say. */
  const review = (): void => {
    learned.value += 1;
    end((known) => known !== page.origin.peek() && !earned.has(known));
    seeOwn();
  };
  const seeOwn = (): void => {
    const own = page.origin.peek();
    if (own !== null) marks.see(own, earned.latest(own));
  };
  const moved = (move: Move): void => {
    options.ports.bridge.pageIs?.(move.to);
    marks.forget();
    starts.moved(move);
    review();
    if (page.open.peek()) for (const known of earned.all()) ask(known);
    const own = move.to === null ? null : ask(move.to);
    if (own?.state.peek().state === "absent") own.tryNow();
  };

  effect(() => () => end(() => true));
  void page.read();
  return {
    links,
    ...namesOf(links),
    met: rememberApps(page.origin, links),
    pageUrl: page.url,
    pageOrigin: page.origin,
    claimedOrigin: page.claimed,
    /** What the page's own responses say about its bridge; null: none with a `Session-Trace` came yet. */
    mark: marks.last,
    /** Whether the page's document was seen to load, or an earlier one of its origin in this tab. */
    isLoaded: computed(() => marks.loaded.value.has(page.origin.value ?? "")),
    navigated: page.navigated,
    /** The tab's history has arrived: it shows when a page began that was open before the panel was. */
    historyCame() {
      const url = page.url.peek();
      if (page.moves() > 1 || typeof url !== "string") return;
      starts.found(url, options.ports.clock.now());
      review();
    },
    /** Learns from a request: a trace reveals a bridge, a Set-Cookie reveals a key that may be gone shortly afterwards. */
    saw(request: NetworkRequest) {
      const origin = originOf(request.url);
      if (origin === null) return;
      // A navigation may be reported late: in Firefox only when the whole page has loaded.
      if (marks.load(origin, request)) void page.read();
      const isTraced = request.traceId !== null;
      if (isTraced && earned.note(origin, request)) learned.value += 1;
      const isOwn = origin === page.origin.peek();
      if (isOwn && isTraced) seeOwn();
      const isOfPage = page.open.peek() && (isOwn || earned.has(origin));
      const link = isTraced && isOfPage ? ask(origin) : links.peek().get(origin);
      if (!link) return;
      const isMissed = isTraced && ["absent", "lost", "refused"].includes(link.state.peek().state);
      if (isMissed && marks.isReason(origin, request)) link.tryNow();
      if (request.setCookies.length > 0) link.prove(valuesOf(request, link.hello.peek()));
    },
    tryNow() {
      void page.read();
      for (const link of links.peek().values()) link.tryNow();
    },
  };
});

/** Values of the bridge's session cookies that a response set. */
function valuesOf(request: NetworkRequest, hello: HelloAnswer | null): string[] {
  return hello === null ? [] : valuesSet(joinSetCookies(request, splitNames(hello)), hello.cookieNames);
}

/** What bridges call their session cookies: `names` with those of the chunks, and `split`, those that may be split into chunks. */
function namesOf(links: ReadonlySignal<ReadonlyMap<string, Link>>) {
  const hellos = computed(() => [...links.value.values()].flatMap((link) => link.hello.value ?? []));
  return {
    names: computed<ReadonlySet<string>>(() => new Set(hellos.value.flatMap(namesInBrowser))),
    split: computed<SplitNames>(() => new Map(hellos.value.flatMap((hello) => [...splitNames(hello)]))),
  };
}

/** Each app that was the page's own, the latest last. */
function rememberApps(
  own: ReadonlySignal<string | null>,
  links: ReadonlySignal<ReadonlyMap<string, Link>>,
): ReadonlySignal<ReadonlyMap<string, MetApp>> {
  const met = signal<ReadonlyMap<string, MetApp>>(new Map());
  effect(() => {
    const origin = own.value;
    const hello = origin === null ? null : links.value.get(origin)?.hello.value;
    if (origin === null || !hello) return;
    const app: MetApp = { names: hello.cookieNames, process: hello.process };
    const others = [...met.peek()].filter(([each]) => each !== origin);
    met.value = new Map([...others, [origin, app] as const].slice(-MAX_MET));
  });
  return met;
}

/** The cookies that the browser would send there; a new list only if it contains others. */
function fittingCookies(
  cookies: ReadonlySignal<readonly TabCookie[]>,
  destinationNow: () => Destination,
): ReadonlySignal<readonly TabCookie[]> {
  const destination = computed(destinationNow);
  let before: readonly TabCookie[] = [];
  return computed(() => {
    const now = cookies.value.filter((cookie) => cookieFits(cookie, destination.value));
    if (now.length !== before.length || now.some((cookie, at) => cookie !== before[at])) before = now;
    return before;
  });
}

/** For the page's own origin, includes the path of the page itself. */
function destinationOf(origin: string, page: string | null, paths: readonly string[]): Destination {
  const own = page !== null && originOf(page) === origin ? [new URL(page).pathname] : [];
  return { origin, paths: [...own, ...paths], page };
}
