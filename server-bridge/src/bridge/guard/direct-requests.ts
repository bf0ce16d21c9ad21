/**
 * What was seen in requests that came without a proxy. A request made of nothing else is one more of them, which is told at a
 * glance; anything new is looked at with care.
 */
import { type HttpFacts, headerValues } from "../http.ts";
import { forwardingHeader } from "./forwarding-headers.ts";
import { isOwnHost, parseHost } from "./hosts.ts";
import { toOrigin } from "./proxy-signs.ts";

/** Names of headers, of peers with their hosts, and of pages kept at most: enough for every real client. */
const MAX_KNOWN = 1_000;
/** A longer name of a header, or a longer origin, is no one's in earnest, and is not kept. */
const MAX_LENGTH = 300;

/** What a header's value has to do with the question. Most have nothing. */
type Part = "nothing" | "host" | "site" | "origin" | "referer";

const PARTS: ReadonlyMap<string, Part> = new Map([
  ["host", "host"],
  ["sec-fetch-site", "site"],
  ["origin", "origin"],
  ["referer", "referer"],
]);

/** The memory of one bridge. */
interface DirectRequests {
  /** True for a request that consists of what was learned. */
  has(facts: HttpFacts): boolean;
  /** Takes the parts of a request that was looked at with care and found direct. */
  learn(facts: HttpFacts): void;
}

/** @param hosts names of one's own: pages under them, and under loopback names, are the only ones that are learned */
export function createDirectRequests(hosts: ReadonlySet<string>): DirectRequests {
  const headers = new Map<string, Part>();
  const origins = new Set<string>();
  const pages = new Set<string>();
  /** The page that was met last, up to its first slash: mostly that of the next request, too. */
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
      // learned, a forwarding header would be one that direct requests have
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
