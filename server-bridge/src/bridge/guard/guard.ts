/**
 * The gate: decides which requests reach the bridge. It looks only at headers and the socket; the body is read later.
 *
 * Until the Origin has been checked, a request that is not admitted simply continues to the app, so a page or a scanner
 * sees the app's own answer. After that check the sender is an extension, and receives a code that the panel shows as a
 * notice.
 */
import { PREFIX } from "../../core/errors.ts";
import { maxBodyBytes, readCall, TOKEN_HEADER } from "../../protocol/address.ts";
import { describeState } from "../../protocol/bridge-states.ts";
import type { CallName, RefusalCode } from "../../protocol/messages.ts";
import { type HttpFacts, headerValues } from "../http.ts";
import { type ExtensionIds, extensionIdOf } from "./extension-ids.ts";
import { forwardingHeader } from "./forwarding-headers.ts";
import { acceptedHost, isLoopbackPeer, parseHost } from "./hosts.ts";
import type { Token } from "./token.ts";

/** What the gate decides by. Fixed when the bridge opens: nothing in a request changes it. */
interface GuardSettings {
  hosts: ReadonlySet<string>;
  token: Token | null;
  /** The extensions that are answered; null for all. */
  extensionIds: ExtensionIds | null;
  /** A caller whose address the server does not report is not answered, token or not. */
  needsPeer: boolean;
  /** Other machines' addresses, forwarding headers and foreign hosts are allowed as far as the check of the token. */
  allowRemote: boolean;
}

type Refusal = Extract<Verdict, { kind: "refuse" }>;

/** What happens to a request: it continues to the app, is refused with a code, or is a call for the bridge. */
export type Verdict =
  /** `mark`: what the response says about the bridge, as the end of its `Session-Trace`. */
  | { kind: "pass"; mark: string }
  | { kind: "refuse"; code: RefusalCode; message: string }
  | { kind: "admit"; call: CallName };

/**
 * The most headers, and parts of their values, that a call from this machine may have. Node 20 and 22 silently drop
 * headers beyond a thousand, and with them the header that a proxy adds at the end. Browsers send about fifty parts
 * with a call.
 *
 * @source node:http, maxHeadersCount
 */
const MAX_PARTS = 200;

/**
 * Judges one request; null: it continues to the app.
 *
 * @param proxy what the tripwire has seen of a proxy, as part of a sentence; null if it has seen nothing
 */
export function judge(
  facts: HttpFacts,
  settings: GuardSettings,
  proxy: string | null,
): Exclude<Verdict, { kind: "pass" }> | null {
  const call = facts.method === "POST" ? readCall(facts.target) : null;
  if (call === null || facts.httpVersion === "1.0" || facts.httpVersion === "0.9") return null;
  if (!isNear(facts, settings)) return null;

  const sender = senderOf(facts.rawHeaders, settings.token);
  if (sender === null) return null;
  if (sender.id !== null && settings.extensionIds !== null && !settings.extensionIds.has(sender.id)) {
    return refuse("extension", otherExtension(sender.id));
  }
  if (proxy !== null && settings.token === null) {
    const { sentence, step } = describeState("closed", { seen: proxy });
    return refuse("proxied", `${sentence} ${step}`);
  }
  const site = headerValues(facts.rawHeaders, "sec-fetch-site");
  if (site.some((value) => value !== "none" && value !== "same-origin")) {
    return refuse(
      "fetch-site",
      "The request came from another site. The Sessions tab needs access to this host.",
    );
  }
  return judgeBody(facts, call) ?? judgeToken(facts, settings.token) ?? { kind: "admit", call };
}

/** Steps 2–4: the socket's peer, forwarding headers, the Host. */
function isNear(facts: HttpFacts, { hosts, token, allowRemote, needsPeer }: GuardSettings): boolean {
  if (allowRemote) return hosts.size === 0 || acceptedHost(facts.rawHeaders, hosts) !== null;
  const { peerAddress } = facts;
  const near = peerAddress === undefined ? token !== null && !needsPeer : isLoopbackPeer(peerAddress);
  return (
    near &&
    isDirectConnection(facts) &&
    forwardingHeader(facts.rawHeaders) === null &&
    acceptedHost(facts.rawHeaders, hosts) !== null &&
    countParts(facts.rawHeaders) <= MAX_PARTS
  );
}

/**
 * False for connections as most proxies make them. Browsers send `Connection: keep-alive` with every request over HTTP/1.1;
 * the proxies of development servers send `close`, unless they were given an agent that keeps connections alive, and
 * others none. A command line need not send one. Over HTTP/2 browsers name the host by `:authority` alone; some proxies
 * send `host`.
 *
 * @source RFC 9110, section 7.6.1: the header belongs to one connection, and every proxy replaces it
 * @source RFC 9113, section 8.3.1: a client that makes requests over HTTP/2 itself sends `:authority`
 */
function isDirectConnection({ rawHeaders, httpVersion }: HttpFacts): boolean {
  if (httpVersion?.startsWith("2") === true) {
    return (
      headerValues(rawHeaders, ":authority").length === 1 && headerValues(rawHeaders, "host").length === 0
    );
  }
  const [sent, ...more] = headerValues(rawHeaders, "connection");
  if (sent !== undefined) return more.length === 0 && sent.toLowerCase() === "keep-alive";
  return httpVersion !== "1.1" || headerValues(rawHeaders, "origin").length === 0;
}

/**
 * In a `Request`, a header that arrived several times is one header, joined with commas or, for cookies, semicolons.
 */
function countParts(rawHeaders: readonly string[]): number {
  let parts = rawHeaders.length / 2;
  for (let index = 1; index < rawHeaders.length; index += 2) {
    for (const letter of rawHeaders[index] ?? "") if (letter === "," || letter === ";") parts += 1;
  }
  return parts;
}

/**
 * Step 5: an extension identifies itself by its Origin; a command line by having neither Origin nor Sec-Fetch headers,
 * plus the token. Null for anyone else.
 */
function senderOf(rawHeaders: readonly string[], token: Token | null): { id: string | null } | null {
  const origins = headerValues(rawHeaders, "origin");
  if (origins.length > 0) {
    const id = origins.length === 1 ? extensionIdOf(origins[0] ?? "") : null;
    return id === null ? null : { id };
  }
  if (rawHeaders.some((name, index) => index % 2 === 0 && name.toLowerCase().startsWith("sec-fetch-"))) {
    return null;
  }
  const [sent] = headerValues(rawHeaders, TOKEN_HEADER.toLowerCase());
  return token !== null && sent !== undefined && token.matches(sent) ? { id: null } : null;
}

/** The id is the caller's own; the accepted ids are not revealed to anyone. */
function otherExtension(id: string): string {
  return `This server answers only one extension, and ${id} is not it. If it is yours, pass this id as extensionId to openBridge. If not, use the panel of the right one: its id is on chrome://extensions, or in Firefox the Internal UUID on about:debugging#/runtime/this-firefox.`;
}

/** Step 7, as far as headers show. */
function judgeBody({ rawHeaders }: HttpFacts, call: CallName): Refusal | null {
  const [type, ...moreTypes] = headerValues(rawHeaders, "content-type");
  if (type === undefined || moreTypes.length > 0 || !/^application\/json\s*(?:;|$)/i.test(type)) {
    return refuse("not-json", "The body is not JSON. Send it with content-type: application/json.");
  }
  if (headerValues(rawHeaders, "content-encoding").some((value) => value.toLowerCase() !== "identity")) {
    return refuse("not-json", "The body is compressed. Send it as it is.");
  }
  return headerValues(rawHeaders, "content-length").some((value) => Number(value) > maxBodyBytes(call))
    ? tooLarge(call)
    : null;
}

/** Step 8. */
function judgeToken({ rawHeaders }: HttpFacts, token: Token | null): Refusal | null {
  if (token === null) return null;
  const [sent] = headerValues(rawHeaders, TOKEN_HEADER.toLowerCase());
  if (sent === undefined || sent === "") {
    return refuse("token-missing", "This bridge needs a token: the server's SESSION_BRIDGE_TOKEN.");
  }
  return token.matches(sent)
    ? null
    : refuse("token-wrong", "The token is not this server's SESSION_BRIDGE_TOKEN.");
}

/** The refusal of a body longer than the protocol allows. */
export function tooLarge(call: CallName): Refusal {
  return refuse("too-large", `The body is longer than ${maxBodyBytes(call) / 1024} KiB.`);
}

function refuse(code: RefusalCode, message: string): Refusal {
  return { kind: "refuse", code, message };
}

/** Checks names for `hosts`: exact names or addresses, no port, no pattern. Throws with the remedy. */
export function readHosts(names: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.map((name) => {
      const host = parseHost(name);
      if (host === null || host !== name.toLowerCase() || /^[._-]+$/.test(host)) {
        throw new Error(
          `${PREFIX}hosts: ${JSON.stringify(name)} is not a plain host name. Pass it without scheme, port or wildcard, such as "app.test".`,
        );
      }
      return host;
    }),
  );
}
