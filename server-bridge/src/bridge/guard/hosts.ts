/**
 * Which names and addresses belong to this machine. Parsed exactly: anything that is not plainly loopback is not
 * loopback.
 *
 * A name such as `localhost.`, `0.0.0.0`, `2130706433` or `[::ffff:127.0.0.1]` would reach this machine too, but no
 * browser needs it, and every extra form is one more way around the check (DNS rebinding).
 */
import { isLoopbackHost, isLoopbackIPv4 } from "../../protocol/loopback-hosts.ts";
import { headerValues } from "../http.ts";

/** The host in a `Host` header without its port, in lower case; null if it does not have the exact form. */
export function parseHost(value: string): string | null {
  const match = /^(\[[0-9a-f:]{2,39}\]|[a-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(value.toLowerCase());
  if (match?.[1] === undefined) return null;
  return match[2] !== undefined && Number(match[2]) > 65_535 ? null : match[1];
}

/** The host of the request if it has exactly one and that is loopback or one of `hosts`; null otherwise. */
export function acceptedHost(rawHeaders: readonly string[], hosts: ReadonlySet<string>): string | null {
  const host = namedHost(rawHeaders);
  return host !== null && isOwnHost(host, hosts) ? host : null;
}

/**
 * The host of the request as `parseHost` returns it; null if there is none, if several differ, or if a header has it
 * twice.
 */
export function namedHost(rawHeaders: readonly string[]): string | null {
  const named = [headerValues(rawHeaders, ":authority"), headerValues(rawHeaders, "host")];
  if (named.some((values) => values.length > 1)) return null;
  const [host, ...others] = named.flat().map(parseHost);
  if (host === undefined || host === null || others.some((other) => other !== host)) return null;
  return host;
}

/** True for a loopback name and for any of `hosts`. */
export function isOwnHost(host: string, hosts: ReadonlySet<string>): boolean {
  return isLoopbackHost(host) || hosts.has(host);
}

/** True if the address of the socket's other end is this machine. */
export function isLoopbackPeer(address: string): boolean {
  const mapped = /^::ffff:(?<ipv4>[\d.]+)$/i.exec(address)?.groups?.["ipv4"];
  return address === "::1" || isLoopbackIPv4(mapped ?? address);
}
