/**
 * What a response set for one cookie name, and the address of its request. Each is parsed once for as long as the request is
 * kept: all rows are read again each time one of them changes.
 */
import type { NetworkRequest } from "../../messages/network-request.ts";
import { type CookieIdentity, identityOfSent, isSecureAddress } from "./cookie-identity.ts";
import { isDeletion, readSentCookie, type SentCookie } from "./facts.ts";

/** What one response set for one name. */
export interface SetByName {
  /** Of several lines, the last one; null if none can be read. */
  sent: SentCookie | null;
  identity: CookieIdentity | null;
  /** A string that is equal for the same cookie. */
  key: string;
  isDeletion: boolean;
  /** The response has several lines for cookies of this name. */
  isSeveral: boolean;
  /** A Secure cookie with a value, from an address whose Secure cookies are accepted. */
  isSecure: boolean;
}

interface Address {
  origin: string | null;
  host: string | null;
  path: string;
}

const known = new WeakMap<NetworkRequest, Map<string, SetByName>>();
const addresses = new WeakMap<NetworkRequest, Address>();

/** Reads it, for a response of which `setsCookie` is true. */
export function readSetByName(request: NetworkRequest, name: string): SetByName {
  const names = known.get(request) ?? new Map<string, SetByName>();
  const found = names.get(name) ?? parseLines(request, name);
  known.set(request, names.set(name, found));
  return found;
}

/** The parts of a request's address; null if it is not a URL. */
export function addressOf(request: NetworkRequest): Address {
  const found = addresses.get(request);
  if (found !== undefined) return found;
  const url = URL.canParse(request.url) ? new URL(request.url) : null;
  const origin = url === null || url.origin === "null" ? null : url.origin;
  const address = { origin, host: url?.hostname ?? null, path: url?.pathname ?? "" };
  addresses.set(request, address);
  return address;
}

function parseLines(request: NetworkRequest, name: string): SetByName {
  // Other cookies' lines need no parsing.
  const lines = request.setCookies.filter((line) => line.trimStart().startsWith(name));
  const isOnly = lines.length === 1 && request.setCookies.length === 1;
  const all = lines.flatMap((line) => {
    return readSentCookie(isOnly ? request : { ...request, setCookies: [line] }, name) ?? [];
  });
  const sent = all.at(-1) ?? null;
  const identity = sent && identityOfSent(sent, request.url);
  const deletes = sent !== null && isDeletion(sent, request.at);
  return {
    sent,
    identity,
    key: JSON.stringify(identity),
    isDeletion: deletes,
    isSeveral: all.length > 1,
    isSecure: sent?.parsed.secure === true && !deletes && isSecureAddress(request.url),
  };
}
