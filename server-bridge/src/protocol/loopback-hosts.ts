/** Host names and addresses that lead to this machine. `host` is without a port, in lower case, as in `URL`. */

/** True for `localhost`, a name below it, `127.a.b.c` and `[::1]`: the names that the bridge answers to. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" || isLoopbackIPv4(host) || isBelowLocalhost(host);
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

/** `127.a.b.c` in plain decimal: four parts, no leading zero. */
export function isLoopbackIPv4(text: string): boolean {
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
