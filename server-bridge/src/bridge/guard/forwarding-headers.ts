/**
 * Header names that only something between the client and this server adds: a proxy, a load balancer, a CDN.
 *
 * New ones appear every year, so no list is complete. A name counts if it belongs to a family that such programs
 * reserve, or if it names the client's address.
 */

/** Prefixes, in lower case. No browser sends any of them, nor do the usual API clients. */
const FAMILIES = [
  "forwarded", // RFC 7239
  "x-forwarded",
  "x-original-", // ingress-nginx, IIS, ASP.NET
  "x-envoy-",
  "x-nginx-",
  "x-ssl-",
  "ssl-client-",
  "wl-proxy-", // WebLogic
  "x-proxyuser-", // Google's frontends
  "x-appengine-",
  "x-cloud-trace-context",
  "x-amzn-", // AWS load balancers; their SDKs send x-amz-
  "x-amz-cf-", // CloudFront
  "cloudfront-",
  "x-azure-",
  "x-appgw-",
  "x-arr-", // IIS
  "cf-", // Cloudflare
  "fastly-",
  "akamai-",
  "x-akamai-",
  "x-sucuri-",
  "x-varnish",
  "x-vercel-",
  "x-nf-", // Netlify
  "fly-",
  "x-railway-",
  "rndr-", // Render
];

/** Names that belong to no family. */
const ALONE: ReadonlySet<string> = new Set([
  "via", // RFC 9110, section 7.6.3
  "cdn-loop", // RFC 8586
  "front-end-https",
  "x-scheme",
  "x-url-scheme",
  "x-real-port",
  "x-request-start",
]);

/** Whose address it is: `X-Real-IP`, `True-Client-IP`, `X-Cluster-Client-IP`, `Remote-Addr`, `DO-Connecting-IP`. */
const WHOSE: ReadonlySet<string> = new Set([
  "client",
  "connecting",
  "connection",
  "originating",
  "origin",
  "peer",
  "real",
  "remote",
  "socket",
  "source",
  "user",
  "viewer",
  "visitor",
]);
const ADDRESS = ["ip", "addr", "address", "host"];

/** Longer than any such name; a stranger may send 16 KiB. */
const MAX_NAME = 64;

/** The forwarding header in a request, in lower case, or null. @param rawHeaders name, value, name, value, … */
export function forwardingHeader(rawHeaders: readonly string[]): string | null {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (isForwarding(name)) return name.toLowerCase();
  }
  return null;
}

/** True for the name of a forwarding header. Some servers behind CGI write `_` for `-`. */
export function isForwarding(written: string): boolean {
  if (written.length > MAX_NAME) return false;
  const name = written.toLowerCase().replaceAll("_", "-");
  return ALONE.has(name) || FAMILIES.some((family) => name.startsWith(family)) || saysAddress(name);
}

/** `client-ip` and `clientip` are treated alike. */
function saysAddress(name: string): boolean {
  const kind = ADDRESS.find((word) => name.endsWith(word));
  if (kind === undefined) return false;
  const before = name.slice(0, -kind.length);
  const whose = (before.endsWith("-") ? before.slice(0, -1) : before).split("-").at(-1) ?? "";
  return WHOSE.has(whose);
}
