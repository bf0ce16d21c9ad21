/**
 * Closes the bridge when a request to the app shows that a proxy is in front of it: behind a proxy every caller's peer
 * address is loopback, so the check of the peer is worth nothing.
 *
 * A Host that is not one of this machine's names does not close it: any site can have a name that leads here. Calls for
 * that Host are refused, and the terminal says once what to do if the name is the app's own.
 */
import { type HttpFacts, headerValues } from "../http.ts";
import { createDirectRequests } from "./direct-requests.ts";
import { isLoopbackPeer, isOddLoopback, isOwnHost, namedHost } from "./hosts.ts";
import { proxySign } from "./proxy-signs.ts";

interface Tripwire {
  /** What was seen of a proxy, as part of a sentence; kept for the rest of this process. Null if nothing was seen. */
  readonly seen: string | null;
  /** Examines one request to the app. */
  watch(facts: HttpFacts): void;
}

/** Each is called at most once. */
interface Reports {
  /** A proxy was seen. Receives part of a sentence. */
  proxy(seen: string): void;
  /** A request was for a name that is not this machine's. Receives a sentence with what to do. */
  host(line: string): void;
}

/** @param hosts the app's own names that lead to this machine */
export function createProxyTripwire(hosts: ReadonlySet<string>, reports: Reports): Tripwire {
  const direct = createDirectRequests(hosts);
  const tellHost = createHostReport(hosts, reports.host);
  let seen: string | null = null;
  return {
    get seen() {
      return seen;
    },
    watch(facts) {
      if (seen !== null || facts.peerAddress === undefined || direct.has(facts)) return;
      if (!isLoopbackPeer(facts.peerAddress)) return;
      seen = proxySign(facts, hosts);
      if (seen !== null) {
        reports.proxy(seen);
        return;
      }
      tellHost(facts.rawHeaders);
      direct.learn(facts);
    },
  };
}

/** Hosts that are named on the terminal. Other sites can make up as many as they like. */
const MAX_TOLD = 8;
const MAX_SHOWN = 80;

/** Says once for each foreign Host what to do. Requests that other sites made the browser send are ignored. */
function createHostReport(hosts: ReadonlySet<string>, say: (line: string) => void) {
  const told = new Set<string>();
  return (rawHeaders: readonly string[]) => {
    const host = namedHost(rawHeaders);
    if (host === null || isOwnHost(host, hosts) || told.has(host) || told.size > MAX_TOLD) return;
    const sites = headerValues(rawHeaders, "sec-fetch-site");
    if (sites.some((site) => site !== "same-origin" && site !== "none")) return;
    told.add(host);
    say(told.size > MAX_TOLD ? "Further hosts are refused without another line." : hostLine(host));
  };
}

function hostLine(host: string): string {
  const shown = JSON.stringify(host.slice(0, MAX_SHOWN));
  const refused = `a request was for the host ${shown}; the bridge does not answer under this name.`;
  if (isOddLoopback(host)) return `${refused} Open the app as localhost.`;
  return `${refused} If the name is yours and leads to this machine, pass hosts: [${shown}] to openBridge. If it belongs to a proxy in front of this server, set SESSION_BRIDGE_TOKEN.`;
}
