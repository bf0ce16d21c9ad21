/**
 * Which bridges this tab has: the page's own origin is asked, and every origin whose responses named a trace.
 * One of them, the current one, is what the status and the session pane are about.
 */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import { cookieFits, valuesFor, valuesSet } from "../../logic/cookie-rows.ts";
import { originOf } from "../../logic/timeline/entry.ts";
import type { NetworkRequest, Ports, TabCookie } from "../../ports/ports.ts";
import { type Link, type LinkEvent, LinkModel } from "./bridge-link.ts";

export interface ConnectionOptions {
  ports: Pick<Ports, "bridge" | "clock" | "tab">;
  /** All cookies of the tab, and the one that is selected. */
  cookies: ReadonlySignal<readonly TabCookie[]>;
  selected: ReadonlySignal<TabCookie | null>;
  missing: (origin: string) => readonly string[];
  heard: (origin: string, event: LinkEvent) => void;
}

/** A page that opens hundreds of origins is not one with hundreds of bridges. */
const MAX_LINKS = 12;
/** While the page's address is not known it is asked for again: a busy browser may give none for seconds. */
const LOOK_AGAIN_MS = 2000;

export const ConnectionModel = createModel((options: ConnectionOptions) => {
  const links = signal<ReadonlyMap<string, Link>>(new Map());
  /** The page's address; null where extensions may not look, undefined until it is known. */
  const pageUrl = signal<string | null | undefined>(undefined);
  const pageOrigin = computed(() => (pageUrl.value ? webOrigin(pageUrl.value) : null));

  const ask = (origin: string): Link | null => {
    const known = links.peek().get(origin);
    if (known !== undefined) return known;
    if (links.peek().size >= MAX_LINKS && !makeRoom(origin)) return null;
    const link = new LinkModel({
      ports: options.ports,
      origin,
      cookies: computed(() => valuesFor(options.cookies.value, origin)),
      missing: () => options.missing(origin),
      heard: (event) => options.heard(origin, event),
    });
    links.value = new Map([...links.peek(), [origin, link]]);
    return link;
  };

  /** Lets the oldest link go that found no bridge; for the page itself any other than its own. */
  const makeRoom = (wanted: string): boolean => {
    const all = [...links.peek()];
    const others = all.filter(([origin]) => origin !== pageOrigin.peek());
    const vain = others.find(([, link]) => link.hello.peek() === null);
    const gone = vain ?? (wanted === pageOrigin.peek() ? others[0] : undefined);
    if (gone === undefined) return false;
    gone[1][Symbol.dispose]();
    links.value = new Map(all.filter((each) => each !== gone));
    return true;
  };

  const readPage = async (): Promise<void> => {
    const url = await options.ports.tab.url().catch(() => undefined);
    if (url === undefined) return; // no answer came, so what was known stands
    pageUrl.value = url;
    const origin = pageOrigin.peek();
    if (origin === null) return;
    const link = ask(origin);
    if (link?.state.peek().state === "absent") link.tryNow();
  };

  const current = computed<Link | null>(() => {
    const all = [...links.value.values()];
    const cookie = options.selected.value;
    const fits = (link: Link): boolean => cookie !== null && cookieFits(cookie, link.origin.value);
    const names = (link: Link): boolean =>
      link.hello.value?.cookieNames.includes(cookie?.name ?? "") ?? false;
    const live = all.filter((link) => link.hello.value !== null);
    const isPage = (link: Link): boolean => link.origin.value === pageOrigin.value;
    const held = live.find((link) => fits(link) && names(link)) ?? live.find(fits);
    return held ?? live.find(isPage) ?? live[0] ?? all.find(isPage) ?? all[0] ?? null;
  });
  const names = computed<ReadonlySet<string>>(
    () => new Set([...links.value.values()].flatMap((link) => link.hello.value?.cookieNames ?? [])),
  );

  effect(() => {
    const known = typeof pageUrl.value === "string";
    if (!known) return options.ports.clock.every(LOOK_AGAIN_MS, () => void readPage());
  });
  effect(() => () => {
    for (const link of links.peek().values()) link[Symbol.dispose]();
  });
  readPage();

  return {
    links,
    current,
    names,
    pageUrl,
    readPage,
    /** Learns from a request: a trace shows a bridge, a Set-Cookie shows a key that may be gone a moment later. */
    saw(request: NetworkRequest) {
      const origin = originOf(request.url);
      if (origin === null) return;
      const link = request.traceId === null ? links.peek().get(origin) : ask(origin);
      if (!link) return;
      const { state } = link.state.peek();
      if (request.traceId !== null && (state === "absent" || state === "lost")) link.tryNow();
      if (request.setCookies.length > 0) link.prove(valuesSet(request, link.hello.peek()?.cookieNames ?? []));
    },
    tryNow() {
      for (const link of links.peek().values()) link.tryNow();
    },
  };
});

function webOrigin(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, origin } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? origin : null;
}
