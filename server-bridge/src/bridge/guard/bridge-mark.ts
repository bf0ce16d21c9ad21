/** What a response says about the bridge: where it is, and what keeps it from answering callers that come the same way. */
import { type BridgeState, writeMark } from "../../protocol/trace-header.ts";
import type { HttpFacts } from "../http.ts";
import { foreignForwarding } from "./forwarded-clients.ts";
import { acceptedHost, isLoopbackPeer } from "./hosts.ts";

/** The part of the bridge's settings that decides whom it answers. */
export interface WhomToAnswer {
  hosts: ReadonlySet<string>;
  token: object | null;
  needsPeer: boolean;
  allowRemote: boolean;
}

/**
 * The mark for the response to this request, as the end of a `Session-Trace` header.
 *
 * A port is named only to this machine: to another one, the same number may lead to another server. So it is left out if
 * a proxy passed the request on for a client elsewhere, and once the bridge has closed because of one.
 *
 * @param isClosed the bridge has seen a proxy that clients on other machines use
 */
export function markOf(facts: HttpFacts, settings: WhomToAnswer, isClosed: boolean): string {
  const { peerAddress, localPort, encrypted, rawHeaders } = facts;
  const state = stateOf(facts, settings, isClosed);
  const isHere =
    peerAddress !== undefined &&
    isLoopbackPeer(peerAddress) &&
    state !== "closed" &&
    foreignForwarding(rawHeaders, settings.hosts) === null;
  const at = isHere && localPort !== undefined ? { port: localPort, isTls: encrypted } : null;
  return writeMark({ at, state });
}

function stateOf(
  { peerAddress, rawHeaders }: HttpFacts,
  { hosts, token, needsPeer, allowRemote }: WhomToAnswer,
  isClosed: boolean,
): BridgeState | null {
  const open = token === null ? null : "token";
  const isNamed = acceptedHost(rawHeaders, hosts) !== null;
  if (allowRemote) return hosts.size > 0 && !isNamed ? "hosts" : open;
  if (peerAddress === undefined && (needsPeer || token === null)) return "peer";
  if (peerAddress !== undefined && !isLoopbackPeer(peerAddress)) return "remote";
  if (isClosed && token === null) return "closed";
  return isNamed ? open : "hosts";
}
