/**
 * Remembers what was seen in requests that came without a proxy. A request made only of known parts is recognised
 * quickly as another such request; a request with anything new is checked carefully.
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
  /** True for a request made only of parts that were learned. */
  has(facts: HttpFacts): boolean;
  /** Learns the parts of a request that was checked carefully and found direct. */
  learn(facts: HttpFacts): void;
}

/** @param hosts the app's own names: pages under these and under loopback names are the only ones that are learned */
export function createDirectRequests(hosts: ReadonlySet<string>): DirectRequests {
  const headers = new Map<string, Part>();
  const origins = new Set<string>();
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
    has({ httpVersion, peerAddress, rawHeaders }) {
      if (httpVersion !== undefined && httpVersion !== "1.1") return false;
      let host: string | undefined;
      let site: string | undefined;
      let origin: string | undefined;
      let referer: string | undefined;
      for (let index = 0; index < rawHeaders.length; index += 2) {
        const part = headers.get(rawHeaders[index] ?? "");
        if (part === "nothing") continue;
        if (part === undefined) return false;
        const value = rawHeaders[index + 1];
        if (part === "host") {
          if (host !== undefined) return false;
          host = value;
        } else if (part === "site") {
          if (site !== undefined) return false;
          site = value;
        } else if (part === "origin") {
          if (origin !== undefined) return false;
          origin = value;
        } else {
          if (referer !== undefined) return false;
          referer = value;
        }
      }
      if (host === undefined || !origins.has(`${peerAddress} ${host}`)) return false;
      if (site !== "same-origin") return true;
      if (origin !== undefined) return pages.has(origin);
      return referer === undefined || (lately !== "" && referer.startsWith(lately)) || isOfKnownPage(referer);
    },
    learn({ peerAddress, rawHeaders }) {
      const [host, ...more] = headerValues(rawHeaders, "host");
      // if it were learned, a forwarding header would count as one that direct requests have
      if (host === undefined || more.length > 0 || parseHost(host) === null) return;
      if (forwardingHeader(rawHeaders) !== null) return;
      if (headers.size > MAX_KNOWN) headers.clear();
      if (origins.size > MAX_KNOWN) origins.clear();
      if (pages.size > MAX_KNOWN) pages.clear();
      origins.add(`${peerAddress} ${host}`);
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
