/** The open links, by origin: few at a time, each with the cookies that the browser would send to its origin. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { Ports } from "../../ports/ports.ts";
import { BridgeLinkModel, type Link, type LinkEvent } from "./bridge-link.ts";

/** The links by their origins. */
type Links = ReadonlyMap<string, Link>;

interface LinkSetOptions {
  ports: Pick<Ports, "bridge" | "clock">;
  /** The page's own origin: its link is never dropped for another. */
  own: ReadonlySignal<string | null>;
  /** Cookies that the browser would send to this origin. */
  cookiesOf: (origin: string) => ReadonlySignal<readonly TabCookie[]>;
  missing: (origin: string) => readonly string[];
  heard: (origin: string, event: LinkEvent) => void;
}

/** A page that opens hundreds of origins does not have hundreds of bridges. */
const MAX_LINKS = 12;

/** No link yet. */
export function createLinkSet(options: LinkSetOptions) {
  const links = signal<Links>(new Map());

  const end = (gone: (origin: string) => boolean): void => {
    for (const [origin, link] of links.peek()) if (gone(origin)) link[Symbol.dispose]();
    links.value = new Map([...links.peek()].filter(([origin]) => !gone(origin)));
  };
  /** Makes room for one more link; false if every link is worth more. */
  const makeRoom = (wanted: string): boolean => {
    const gone = findLeastUseful(links.peek(), options.own.peek(), wanted);
    if (gone !== null) end((origin) => origin === gone);
    return gone !== null;
  };

  return {
    links,
    /** Ends the links of the named origins. */
    end,
    /** The link to this origin, opened if there is none; null if there is no room for it. */
    ask(origin: string): Link | null {
      const known = links.peek().get(origin);
      if (known !== undefined) return known;
      if (links.peek().size >= MAX_LINKS && !makeRoom(origin)) return null;
      const link = new BridgeLinkModel({
        ports: options.ports,
        origin,
        cookies: options.cookiesOf(origin),
        missing: () => options.missing(origin),
        heard: (event) => options.heard(origin, event),
      });
      links.value = new Map([...links.peek(), [origin, link]]);
      return link;
    },
  };
}

/** The oldest link that found no bridge; for the page itself, any other than its own. Null if there is none. */
function findLeastUseful(links: Links, page: string | null, wanted: string): string | null {
  const others = [...links].filter(([origin]) => origin !== page);
  const vain = others.find(([, link]) => link.hello.peek() === null);
  const gone = vain ?? (wanted === page ? others[0] : undefined);
  return gone?.[0] ?? null;
}
