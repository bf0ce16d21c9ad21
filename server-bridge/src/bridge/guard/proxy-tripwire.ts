/**
 * Closes the bridge when a request of the app shows that a proxy stands before it: behind one, every caller's peer address
 * is loopback, and the check of the peer is worth nothing.
 */
import { type HttpFacts, headerValues } from "../http.ts";
import { isLoopbackHost, isLoopbackPeer, parseHost } from "./hosts.ts";

const FORWARDING = ["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"];

interface Tripwire {
  /** True once a proxy was seen; for the rest of this process. */
  readonly closed: boolean;
  /** Looks at one request of the app. */
  watch(facts: HttpFacts): void;
}

/**
 * @param hosts names of one's own that lead to this machine
 * @param said  called once, with one line that says what was seen and what to do
 */
export function createProxyTripwire(hosts: ReadonlySet<string>, said: (line: string) => void): Tripwire {
  const known = createKnown();
  let closed = false;
  return {
    get closed() {
      return closed;
    },
    watch(facts) {
      if (closed || facts.peerAddress === undefined || known.isDirect(facts)) return;
      if (!isLoopbackPeer(facts.peerAddress)) return;
      const seen = proxySeen(facts, hosts);
      if (seen === null) {
        known.learn(facts);
        return;
      }
      closed = true;
      said(seen);
    },
  };
}

/** Names of headers, peers and hosts kept at most: enough for every real client. */
const MAX_KNOWN = 1_000;

/**
 * What was seen in requests that came without a proxy. A request made of nothing else is one more of them, which is told
 * at a glance; anything new is looked at with care.
 */
function createKnown() {
  const headers = new Set<string>();
  const origins = new Set<string>();

  /** Peer and Host as one text; null when there is more than one Host, or an authority, or an old version. */
  const originOf = ({ peerAddress, httpVersion, rawHeaders }: HttpFacts): string | null => {
    if (httpVersion !== undefined && httpVersion !== "1.1") return null;
    let host: string | null = null;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? "";
      if (name !== "Host" && name !== "host") continue;
      if (host !== null) return null;
      host = rawHeaders[index + 1] ?? "";
    }
    return host === null ? null : `${peerAddress} ${host}`;
  };

  return {
    isDirect(facts: HttpFacts): boolean {
      const { rawHeaders } = facts;
      for (let index = 0; index < rawHeaders.length; index += 2) {
        if (!headers.has(rawHeaders[index] ?? "")) return false;
      }
      const origin = originOf(facts);
      return origin !== null && origins.has(origin);
    },
    /** Takes the parts of a request that was looked at with care and found direct. */
    learn(facts: HttpFacts): void {
      const origin = originOf(facts);
      if (origin === null) return;
      if (headers.size > MAX_KNOWN) headers.clear();
      if (origins.size > MAX_KNOWN) origins.clear();
      origins.add(origin);
      for (let index = 0; index < facts.rawHeaders.length; index += 2)
        headers.add(facts.rawHeaders[index] ?? "");
    },
  };
}

/** The forwarding header that a request carries, or null. */
export function forwardingHeader(rawHeaders: readonly string[]): string | null {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    if (name.startsWith("x-forwarded") || FORWARDING.includes(name)) return name;
  }
  return null;
}

/** The host of the request if it is one, exactly, and is loopback or one of `hosts`; null otherwise. */
export function acceptedHost(rawHeaders: readonly string[], hosts: ReadonlySet<string>): string | null {
  const named = [headerValues(rawHeaders, ":authority"), headerValues(rawHeaders, "host")];
  if (named.some((values) => values.length > 1)) return null;
  const [host, ...others] = named.flat().map(parseHost);
  if (host === undefined || host === null || others.some((other) => other !== host)) return null;
  return isLoopbackHost(host) || hosts.has(host) ? host : null;
}

function proxySeen(facts: HttpFacts, hosts: ReadonlySet<string>): string | null {
  const header = forwardingHeader(facts.rawHeaders);
  if (header !== null) return `a request came through a proxy (it carries ${header})`;
  if (facts.httpVersion === "1.0" || facts.httpVersion === "0.9") {
    return `a request came over HTTP/${facts.httpVersion}, which browsers do not speak and proxies do`;
  }
  if (acceptedHost(facts.rawHeaders, hosts) !== null) return null;
  const host =
    headerValues(facts.rawHeaders, "host")[0] ?? headerValues(facts.rawHeaders, ":authority")[0] ?? "";
  const shown = JSON.stringify(host.slice(0, 80));
  return `a request was for the host ${shown}, which is no loopback name (if it is yours, pass it in hosts)`;
}
