/**
 * Which names and addresses are this machine's own. Parsed exactly: what is not plainly loopback is not loopback.
 *
 * A name such as `localhost.`, `0.0.0.0`, `2130706433` or `[::ffff:127.0.0.1]` would reach this machine too; no browser
 * needs it, and every extra form is one more way around the check (DNS rebinding).
 */

/** The host of a `Host` header without its port, in lower case; null when it does not have the exact form. */
export function parseHost(value: string): string | null {
  const match = /^(\[[0-9a-f:]{2,39}\]|[a-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(value.toLowerCase());
  if (match?.[1] === undefined) return null;
  return match[2] !== undefined && Number(match[2]) > 65_535 ? null : match[1];
}

/** True for `localhost`, a name below it, `127.a.b.c` and `[::1]`, as `parseHost` gives them. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" || isLoopbackIPv4(host) || isBelowLocalhost(host);
}

/** True for the address of a socket's other end that is this machine itself. */
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

/** `shop.localhost`: browsers resolve such names to this machine without asking anyone (RFC 6761, section 6.3). */
function isBelowLocalhost(host: string): boolean {
  if (!host.endsWith(".localhost")) return false;
  return host.split(".").every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}
