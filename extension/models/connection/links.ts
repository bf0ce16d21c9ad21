/** Which bridges this tab has: the page's own origin is asked, and every origin whose responses named a trace. */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import { valuesFor, valuesSet } from "../../logic/cookie-rows.ts";
import { originOf } from "../../logic/timeline/entry.ts";
import type { NetworkRequest } from "../../messages/network-request.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Ports } from "../../ports/ports.ts";
import { BridgeLinkModel, type Link, type LinkEvent } from "./bridge-link.ts";

interface LinksOptions {
  ports: Pick<Ports, "bridge" | "clock" | "tab">;
  /** All cookies of the tab. */
  cookies: ReadonlySignal<readonly TabCookie[]>;
  missing: (origin: string) => readonly string[];
  heard: (origin: string, event: LinkEvent) => void;
}

/** The links by their origins. */
type Links = ReadonlyMap<string, Link>;

/** A page that opens hundreds of origins is not one with hundreds of bridges. */
const MAX_LINKS = 12;
/** While the page's address is not known it is asked for again: a busy browser may give none for seconds. */
const LOOK_AGAIN_MS = 2000;

/** The links to the bridges of this tab, and the address of its page. */
export const LinksModel = createModel((options: LinksOptions) => {
  const links = signal<Links>(new Map());
  /** The page's address; null where extensions may not look, undefined until it is known. */
  const pageUrl = signal<string | null | undefined>(undefined);
  const pageOrigin = computed(() => (pageUrl.value ? webOrigin(pageUrl.value) : null));
  /** Cookie names that any of the bridges calls its own. */
  const names = computed<ReadonlySet<string>>(
    () => new Set([...links.value.values()].flatMap((link) => link.hello.value?.cookieNames ?? [])),
  );

  /** Makes room for one more link; false when every link is worth more. */
  const makeRoom = (wanted: string): boolean => {
    const gone = findLeastUseful(links.peek(), pageOrigin.peek(), wanted);
    if (gone === null) return false;
    links.peek().get(gone)?.[Symbol.dispose]();
    links.value = new Map([...links.peek()].filter(([origin]) => origin !== gone));
    return true;
  };
  const ask = (origin: string): Link | null => {
    const known = links.peek().get(origin);
    if (known !== undefined) return known;
    if (links.peek().size >= MAX_LINKS && !makeRoom(origin)) return null;
    const link = new BridgeLinkModel({
      ports: options.ports,
      origin,
      cookies: computed(() => valuesFor(options.cookies.value, origin)),
      missing: () => options.missing(origin),
      heard: (event) => options.heard(origin, event),
    });
    links.value = new Map([...links.peek(), [origin, link]]);
    return link;
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
    names,
    pageUrl,
    pageOrigin,
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

/** The oldest link that found no bridge; for the page itself any other than its own. Null when there is none. */
function findLeastUseful(links: Links, page: string | null, wanted: string): string | null {
  const others = [...links].filter(([origin]) => origin !== page);
  const vain = others.find(([, link]) => link.hello.peek() === null);
  const gone = vain ?? (wanted === page ? others[0] : undefined);
  return gone?.[0] ?? null;
}

function webOrigin(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, origin } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? origin : null;
}
