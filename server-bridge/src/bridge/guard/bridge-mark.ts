/** What a response says about the bridge: where it is, and what keeps it from answering callers that come the same way. */
import { type BridgeState, writeMark } from "../../protocol/trace-header.ts";
import type { HttpFacts } from "../http.ts";
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
 * A port is named only to this machine: to another one, the same number may lead to another server.
 *
 * @param isClosed the bridge has seen a proxy that clients on other machines use
 */
export function markOf(facts: HttpFacts, settings: WhomToAnswer, isClosed: boolean): string {
  const { peerAddress, localPort, encrypted } = facts;
  const isHere = peerAddress !== undefined && isLoopbackPeer(peerAddress);
  const at = isHere && localPort !== undefined ? { port: localPort, isTls: encrypted } : null;
  return writeMark({ at, state: stateOf(facts, settings, isClosed) });
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
