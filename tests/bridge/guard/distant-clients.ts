/**
 * Requests of proxies with clients on other machines, to test which of them close the bridge. Their headers are those in the
 * proxies' manuals.
 */
import {
  behindDevServer,
  fetched,
  NAMING_NAMES,
  PORT,
  request,
  type WireRequest,
} from "./switch-requests.ts";

/** What a real proxy with real clients over https forwards, and no page of another site can send. */
export function proxiesRequests(): WireRequest[] {
  const host = `Host: localhost:${PORT}`;
  const page = "https://shop.example";
  const own = fetched("same-origin", "cors", "empty");
  return [
    ...[...NAMING_NAMES, "Via"].flatMap((name) => [
      request(`${name}, of a browser that was typed into`, [
        host,
        ...fetched("none", "navigate", "document"),
        `${name}: 203.0.113.7`,
      ]),
      request(`${name}, of a page's picture`, [
        host,
        ...fetched("same-origin", "no-cors", "image"),
        `${name}: 203.0.113.7`,
      ]),
    ]),
    ...["X-Forwarded-For", "Via", "CDN-Loop"].flatMap((name) => [
      request(`${name}, of a page`, [host, `Origin: ${page}`, ...own, `${name}: 203.0.113.7`], "POST"),
      request(`${name}, under the outer Host, of a page under https`, [
        "Host: shop.example",
        ...own,
        `${name}: 203.0.113.7`,
      ]),
    ]),
    request("Via, of a client that says nothing", [host, "Via: 1.1 varnish"]),
    request("Via under the outer Host", ["Host: shop.example", "Via: 1.1 varnish"]),
    ...["GET", "POST", "HEAD"].flatMap((method) => [
      request(
        `HTTP/1.0 for a client elsewhere, ${method}`,
        [host, ...own, "X-Real-IP: 203.0.113.7"],
        method,
        "1.0",
      ),
    ]),
    ...["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "app.localhost:3000"].flatMap((inner) => [
      request(`a form, Host rewritten to ${inner}`, [`Host: ${inner}`, `Origin: ${page}`, ...own], "POST"),
      request(`a form on another port, Host rewritten to ${inner}`, [
        `Host: ${inner}`,
        `Origin: ${page}:8443`,
        ...fetched("same-origin", "navigate", "document"),
      ]),
      request(`a script's file, Host rewritten to ${inner}`, [
        `Host: ${inner}`,
        ...fetched("same-origin", "no-cors", "script"),
        `Referer: ${page}/`,
      ]),
      request(`a link, Host rewritten to ${inner}`, [
        `Host: ${inner}`,
        ...fetched("same-origin", "navigate", "document"),
        `Referer: ${page}/cart?a=1`,
      ]),
      request(`a fetch, Host rewritten to ${inner}`, [`Host: ${inner}`, ...own, `Referer: ${page}/`]),
    ]),
    request(
      "a form, Host rewritten to the name of an upstream",
      ["Host: backend", `Origin: ${page}`, ...own],
      "POST",
    ),
    request("a form under the outer Host, whose TLS ended before", [
      "Host: shop.example",
      `Origin: ${page}`,
      ...own,
    ]),
    request("a page at an address of the network", [host, "Origin: https://192.168.1.20:5173", ...own]),
  ];
}

/** What a proxy forwards for clients that do not say where they come from: a page under such a name can send the same. */
export function silentClientsRequests(): WireRequest[] {
  return NAMING_NAMES.flatMap((name) => {
    const header = `${name}: 203.0.113.7`;
    return [
      ...behindDevServer(`${name}, of a client before`, [header]),
      request(`${name}, over HTTP/1.0`, [`Host: localhost:${PORT}`, header], "GET", "1.0"),
      request(`${name}, under the outer Host`, ["Host: shop.example", header]),
    ];
  });
}
