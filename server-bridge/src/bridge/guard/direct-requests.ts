/**
 * Remembers what was seen in requests that came without a proxy, and the mark of their responses. A request made only of
 * known parts is recognised quickly as another such request; a request with anything new is checked carefully.
 */
import { type HttpFacts, headerValues } from "../http.ts";
import { forwardingHeader } from "./forwarding-headers.ts";
import { isOwnHost, parseHost } from "./hosts.ts";
import { toOrigin } from "./proxy-signs.ts";

/** The most header names, peers with their hosts, and pages that are kept: enough for every real client. */
const MAX_KNOWN = 1_000;
/** No real client sends a header name or an origin longer than this; longer ones are not kept. */
const MAX_LENGTH = 300;

/** What a header's value says about whether a proxy is there. Most say nothing. */
type Part = "nothing" | "host" | "site" | "origin" | "referer";

const PARTS: ReadonlyMap<string, Part> = new Map([
  ["host", "host"],
  ["sec-fetch-site", "site"],
  ["origin", "origin"],
  ["referer", "referer"],
]);

/** The memory of one bridge. */
interface DirectRequests {
  /** The mark of a request made only of parts that were learned; null for any other. */
  find(facts: HttpFacts): string | null;
  /** Learns the parts of a request that was checked carefully and found direct, and the mark of its response. */
  learn(facts: HttpFacts, mark: string): void;
}

interface Latest {
  host: string;
  peer: string | undefined;
  port: number | undefined;
  encrypted: boolean;
  mark: string | undefined;
}

/** @param hosts the app's own names: pages under these and under loopback names are the only ones that are learned */
export function createDirectRequests(hosts: ReadonlySet<string>): DirectRequests {
  const headers = new Map<string, Part>();
  /** Marks, by the client's address, the Host, the port of this server and whether it speaks TLS. */
  const marks = new Map<string, string>();
  /** Whose mark was found last: usually the next request is theirs, too. */
  let latest: Latest = { host: "", peer: undefined, port: undefined, encrypted: false, mark: undefined };
  const pages = new Set<string>();
  /** The page seen last, up to its first slash: usually the next request comes from it, too. */
  let lately = "";

  const isOfKnownPage = (referer: string): boolean => {
    const page = toOrigin(referer) ?? "";
    if (!pages.has(page)) return false;
    lately = `${page}/`;
    return true;
  };

  return {
    find({ httpVersion, peerAddress, localPort, encrypted, rawHeaders }) {
      if (httpVersion !== undefined && httpVersion !== "1.1") return null;
      let host: string | undefined;
      let site: string | undefined;
      let origin: string | undefined;
      let referer: string | undefined;
      for (let index = 0; index < rawHeaders.length; index += 2) {
        const part = headers.get(rawHeaders[index] ?? "");
        if (part === "nothing") continue;
        if (part === undefined) return null;
        const value = rawHeaders[index + 1];
        if (part === "host") {
          if (host !== undefined) return null;
          host = value;
        } else if (part === "site") {
          if (site !== undefined) return null;
          site = value;
        } else if (part === "origin") {
          if (origin !== undefined) return null;
          origin = value;
        } else {
          if (referer !== undefined) return null;
          referer = value;
        }
      }
      if (host === undefined) return null;
      const isSame =
        host === latest.host &&
        peerAddress === latest.peer &&
        localPort === latest.port &&
        encrypted === latest.encrypted;
      const mark = isSame ? latest.mark : marks.get(`${peerAddress} ${host} ${localPort} ${encrypted}`);
      if (mark === undefined) return null;
      if (!isSame) latest = { host, peer: peerAddress, port: localPort, encrypted, mark };
      if (site !== "same-origin") return mark;
      if (origin !== undefined) return pages.has(origin) ? mark : null;
      const isKnown =
        referer === undefined || (lately !== "" && referer.startsWith(lately)) || isOfKnownPage(referer);
      return isKnown ? mark : null;
    },
    learn({ peerAddress, localPort, encrypted, rawHeaders }, mark) {
      const [host, ...more] = headerValues(rawHeaders, "host");
      // if it were learned, a forwarding header would count as one that direct requests have
      if (host === undefined || more.length > 0 || parseHost(host) === null) return;
      if (forwardingHeader(rawHeaders) !== null) return;
      if (headers.size > MAX_KNOWN) headers.clear();
      if (marks.size > MAX_KNOWN) marks.clear();
      if (pages.size > MAX_KNOWN) pages.clear();
      marks.set(`${peerAddress} ${host} ${localPort} ${encrypted}`, mark);
      for (const address of [...headerValues(rawHeaders, "origin"), ...headerValues(rawHeaders, "referer")]) {
        const page = toOrigin(address);
        if (page !== null && isOwnPage(page, hosts)) pages.add(page);
      }
      for (let index = 0; index < rawHeaders.length; index += 2) {
        const name = rawHeaders[index] ?? "";
        if (name.length <= MAX_LENGTH) headers.set(name, PARTS.get(name.toLowerCase()) ?? "nothing");
      }
    },
  };
}

function isOwnPage(page: string, hosts: ReadonlySet<string>): boolean {
  const host = parseHost(page.split("://")[1] ?? "");
  return host !== null && page.length <= MAX_LENGTH && isOwnHost(host, hosts);
}
