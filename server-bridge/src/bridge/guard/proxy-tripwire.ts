/**
 * Closes the bridge when a request to the app shows a proxy with clients on other machines: behind it every caller's peer
 * address is loopback, so the check of the peer is worth nothing.
 *
 * A Host that is not one of this machine's names does not close it: any site can have a name that leads here. Calls for
 * that Host are refused. This and callers on other machines are reported once on the terminal, with what to do.
 */
import { describeStateInLine } from "../../protocol/bridge-states.ts";
import { isOddLoopback } from "../../protocol/loopback-hosts.ts";
import { type HttpFacts, headerValues } from "../http.ts";
import { markOf, type WhomToAnswer } from "./bridge-mark.ts";
import { createDirectRequests } from "./direct-requests.ts";
import { isLoopbackPeer, isOwnHost, namedHost } from "./hosts.ts";
import { proxySign } from "./proxy-signs.ts";

interface Tripwire {
  /** What was seen of a proxy, as part of a sentence; kept for the rest of this process. Null if nothing was seen. */
  readonly seen: string | null;
  /** Examines one request to the app. Returns what its response says about the bridge. */
  watch(facts: HttpFacts): string;
}

/** @param say receives each line for the terminal; none comes twice */
export function createProxyTripwire(settings: WhomToAnswer, say: (line: string) => void): Tripwire {
  const { hosts } = settings;
  const direct = createDirectRequests(hosts);
  const tellHost = createHostReport(hosts, say);
  let seen: string | null = null;
  let toldRemote = false;

  const examine = (facts: HttpFacts): void => {
    if (seen !== null || settings.allowRemote || facts.peerAddress === undefined) return;
    if (!isLoopbackPeer(facts.peerAddress)) {
      if (!toldRemote) say(describeStateInLine("remote", { caller: facts.peerAddress }));
      toldRemote = true;
      return;
    }
    seen = proxySign(facts, hosts);
    if (seen === null) tellHost(facts.rawHeaders);
    else if (settings.token === null) say(describeStateInLine("closed", { seen }));
  };

  return {
    get seen() {
      return seen;
    },
    watch(facts) {
      const known = seen === null ? direct.find(facts) : null;
      if (known !== null) return known;
      examine(facts);
      const mark = markOf(facts, settings, seen !== null);
      const isDirect = facts.peerAddress !== undefined && isLoopbackPeer(facts.peerAddress);
      if (seen === null && isDirect) direct.learn(facts, mark);
      return mark;
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
    if (told.size > MAX_TOLD) say("Further hosts are refused without another line.");
    else say(describeStateInLine("hosts", { host: isOddLoopback(host) ? host : host.slice(0, MAX_SHOWN) }));
  };
}
