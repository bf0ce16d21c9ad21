/**
 * Which names and addresses belong to this machine. Parsed exactly: anything that is not plainly loopback is not
 * loopback.
 *
 * A name such as `localhost.`, `0.0.0.0`, `2130706433` or `[::ffff:127.0.0.1]` would reach this machine too, but no
 * browser needs it, and every extra form is one more way around the check (DNS rebinding).
 */
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

/**
 * True for names that lead to this machine although they are not accepted as its names here: `localhost.`, `0.0.0.0`,
 * `[::]`, `[::ffff:7f00:1]`, as browsers write them. Calls to them are refused, but the site behind them is this
 * machine's own.
 */
export function isOddLoopback(host: string): boolean {
  if (host.endsWith(".")) return isLoopbackHost(host.slice(0, -1));
  return (
    ODD_ADDRESSES.has(host) || /^\[::ffff:(?:127\.[\d.]{5,11}|7f[0-9a-f]{2}:[0-9a-f]{1,4})\]$/.test(host)
  );
}
const ODD_ADDRESSES: ReadonlySet<string> = new Set(["0.0.0.0", "[::]", "[::ffff:0:0]", "[0:0:0:0:0:0:0:1]"]);

/** True for `localhost`, a name below it, `127.a.b.c` and `[::1]`, as `parseHost` returns them. */
function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" || isLoopbackIPv4(host) || isBelowLocalhost(host);
}

/** True if the address of the socket's other end is this machine. */
export function isLoopbackPeer(address: string): boolean {
  const mapped = /^::ffff:(?<ipv4>[\d.]+)$/i.exec(address)?.groups?.["ipv4"];
  return address === "::1" || isLoopbackIPv4(mapped ?? address);
}

/** `127.a.b.c` in plain decimal: four parts, no leading zero. */
function isLoopbackIPv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts[0] === "127" && parts.every(isPlainByte);
}

function isPlainByte(part: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
}

/** `shop.localhost`: browsers resolve such names to this machine without a DNS query (RFC 6761, section 6.3). */
function isBelowLocalhost(host: string): boolean {
  if (!host.endsWith(".localhost")) return false;
  return host.split(".").every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}
