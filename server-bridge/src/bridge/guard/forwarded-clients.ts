/**
 * Whose clients the forwarding headers of a request name: only this machine's, as a development server or a proxy on
 * this machine writes them, or others'.
 *
 * This decides only whether the bridge closes. A call to the bridge that carries any forwarding header is never
 * answered, whatever the header says: some proxies let their clients choose it.
 */
import { isOddLoopback } from "../../protocol/loopback-hosts.ts";
import { isForwarding } from "./forwarding-headers.ts";
import { isLoopbackPeer, isOwnHost, parseHost } from "./hosts.ts";

/** What a header names. `nothing`: a scheme, a port or a path, which every proxy may add. `proxy`: a proxy of a kind that is not on developers' machines. */
type Named = "address" | "host" | "both" | "nothing" | "proxy";

/** Headers that name neither a client nor a host, without their `x-forwarded-`. */
const NEUTRAL: ReadonlySet<string> = new Set([
  ...["proto", "port", "protocol", "scheme", "prefix", "path", "uri", "method", "ssl", "server", "proxy"],
]);
const NEUTRAL_NAMES: ReadonlySet<string> = new Set([
  "x-scheme",
  "x-url-scheme",
  "x-real-port",
  "x-request-start",
  "x-nginx-proxy",
  "front-end-https",
]);

/** More addresses than any chain of proxies on one machine has. */
const MAX_VALUES = 20;

/**
 * The header, in lower case, that shows clients on other machines; null if there is none.
 *
 * @param rawHeaders name, value, name, value, …
 * @param hosts the app's own names
 */
export function foreignForwarding(rawHeaders: readonly string[], hosts: ReadonlySet<string>): string | null {
  /**
   * A proxy of a kind that runs elsewhere, or a host that is not this machine's. Neither counts if the same request names
   * clients on this machine: a page of another site can have a name that leads to a development server here.
   */
  let proxy: string | null = null;
  let isLocal = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!isForwarding(name)) continue;
    const header = name.toLowerCase().replaceAll("_", "-");
    const value = rawHeaders[index + 1] ?? "";
    const named = whatIsNamed(header);
    if (named === "proxy") proxy ??= name.toLowerCase();
    if (named === "nothing" || named === "proxy") continue;
    const { addresses, hosts: names } = readValues(named, value);
    if (!addresses.every(isLocalAddress)) return name.toLowerCase();
    if (!names.every((host) => isLocalHost(host, hosts))) proxy ??= name.toLowerCase();
    isLocal ||= addresses.length > 0;
  }
  return isLocal ? null : proxy;
}

function whatIsNamed(header: string): Named {
  if (header === "forwarded") return "both";
  if (header.endsWith("forwarded-for") || /(?:ip|addr|address)$/.test(header)) return "address";
  if (header.endsWith("-host")) return "host";
  if (NEUTRAL_NAMES.has(header)) return "nothing";
  const rest = /^(?:x-)?forwarded-(.*)$/.exec(header)?.[1];
  return rest !== undefined && NEUTRAL.has(rest) ? "nothing" : "proxy";
}

/** The addresses and hosts in a header's value; an empty value names none. */
function readValues(named: Named, value: string): { addresses: string[]; hosts: string[] } {
  const parts = value.split(/[,;]/, MAX_VALUES + 1).map((part) => part.trim());
  if (parts.length > MAX_VALUES) return { addresses: ["too many"], hosts: [] };
  const values = parts.filter((part) => part !== "");
  if (named === "address") return { addresses: values, hosts: [] };
  if (named === "host") return { addresses: [], hosts: values };
  const pairs = values.map((part) => readPair(part)); // RFC 7239
  const of = (key: string) => pairs.filter(([name]) => name === key).map(([, text]) => text);
  return { addresses: [...of("for"), ...of("")], hosts: of("host") };
}

/** A part without `=` is not in the form of RFC 7239: it has an empty name, and counts as an address. */
function readPair(part: string): [name: string, value: string] {
  const at = part.indexOf("=");
  const text = part.slice(at + 1).trim();
  const value = text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  return [at === -1 ? "" : part.slice(0, at).trim().toLowerCase(), value];
}

function isLocalHost(text: string, hosts: ReadonlySet<string>): boolean {
  const host = parseHost(text);
  return host !== null && (isOwnHost(host, hosts) || isOddLoopback(host));
}

/**
 * An address of this machine, with or without a port: `127.0.0.1`, `127.0.0.1:54321`, `::1`, `[::1]:54321`,
 * `0:0:0:0:0:0:0:1` as Java writes it.
 */
function isLocalAddress(text: string): boolean {
  const bracketed = /^\[([^\]]{2,45})\](?::\d{1,5})?$/.exec(text)?.[1];
  const withPort = /^([\d.]{7,15}):\d{1,5}$/.exec(text)?.[1];
  const address = bracketed ?? withPort ?? text;
  return address === "0:0:0:0:0:0:0:1" || isLoopbackPeer(address);
}
