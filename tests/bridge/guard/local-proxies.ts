/**
 * Requests of proxies on this machine, whose clients are its own browsers: none closes the bridge. Their headers are those in
 * the proxies' manuals and source.
 */
import { fetched, NEUTRAL_NAMES, PORT, request, type WireRequest } from "./switch-requests.ts";

/** What proxies on this machine send for its own browsers, as their manuals and their source say. */
export function localProxiesRequests(): WireRequest[] {
  const host = `Host: localhost:${PORT}`;
  const addresses = [
    "127.0.0.1",
    "127.0.0.1:1234",
    "127.9.8.7",
    "::1",
    "[::1]",
    "[::1]:123",
    "::ffff:127.0.0.1",
  ];
  const lists = [
    "127.0.0.1, ::1",
    "::1,127.0.0.1:1234",
    "127.0.0.1, 127.0.0.1, 127.0.0.1",
    "",
    " , 127.0.0.1",
  ];
  const quoted = ['"[::1]:123"', '"127.0.0.1:80"', "127.0.0.1", '"[::ffff:127.0.0.1]"'];
  const hosts = [
    "localhost:5173",
    "127.0.0.1:5173",
    "[::1]:5173",
    "app.localhost",
    "LOCALHOST",
    "0.0.0.0:5173",
  ];
  return [
    ...["X-Forwarded-For", "X-Real-IP", "X_Forwarded_For", "Client-IP", "CF-Connecting-IP"].flatMap((name) =>
      [...addresses, ...lists].map((value) => request(`${name}: ${value}`, [host, `${name}: ${value}`])),
    ),
    ...quoted.flatMap((client) => [
      request(`Forwarded for ${client}`, [host, `Forwarded: for=${client};host=localhost;proto=https`]),
      request(`Forwarded by and for ${client}`, [
        host,
        `Forwarded: By=_a;For=${client} , for=::1;host="localhost:5173"`,
      ]),
    ]),
    ...["X-Forwarded-Host", "X-Original-Host"].flatMap((name) =>
      hosts.map((value) => request(`${name}: ${value}`, [host, `${name}: ${value}`])),
    ),
    ...NEUTRAL_NAMES.flatMap((name) =>
      ["https", "443", "shop.example", "1"].map((value) =>
        request(`${name}: ${value}`, [host, `${name}: ${value}`]),
      ),
    ),
    ...["GET", "POST", "HEAD"].flatMap((method) => [
      request(`default nginx, ${method}`, [host], method, "1.0"),
      request(`default nginx with an upstream's name, ${method}`, ["Host: backend"], method, "1.0"),
      request(`HTTP/1.0 without a Host, ${method}`, [], method, "1.0"),
    ]),
    ...usualProxies(host),
  ];
}

/** Whole requests of the proxies that people use, for a page on this machine. */
function usualProxies(host: string): WireRequest[] {
  const client = "X-Forwarded-For: 127.0.0.1";
  const page = ["Origin: http://localhost:5173", ...fetched("same-origin", "cors", "empty")];
  const names = ["X-Forwarded-Host: localhost:5173", "X-Forwarded-Port: 5173", "X-Forwarded-Proto: http"];
  return [
    request("Next.js rewrites", [host, ...page, "X-Forwarded-For: ::1", ...names], "POST"),
    request("Next.js rewrites, IPv4 in IPv6", [host, "X-Forwarded-For: ::ffff:127.0.0.1", ...names]),
    request("http-proxy with xfwd", [host, ...page, client, ...names]),
    request("http-proxy with xfwd, twice", [
      host,
      "X-Forwarded-For: ::1,127.0.0.1",
      "X-Forwarded-Port: 5173,3000",
      "X-Forwarded-Proto: http,http",
      "X-Forwarded-Host: localhost:5173",
    ]),
    request("nginx with the usual lines", [host, "X-Real-IP: 127.0.0.1", client, "X-Forwarded-Proto: https"]),
    request("nginx with the usual lines, over HTTP/1.0", [host, "X-Real-IP: ::1", client], "GET", "1.0"),
    request("Caddy", [
      host,
      ...page,
      client,
      "X-Forwarded-Host: localhost",
      "X-Forwarded-Proto: https",
      "Via: 2.0 Caddy",
    ]),
    request("Caddy, whose Via comes first", [host, "Via: 1.1 Caddy", client]),
    request("haproxy with option forwardfor", [host, client]),
    request("haproxy with option forwarded", [host, "Forwarded: proto=http;for=127.0.0.1"]),
    request("Apache", [host, client, "X-Forwarded-Host: localhost", "X-Forwarded-Server: macbook.local"]),
    request("Spring Cloud Gateway", [host, "X-Forwarded-For: 0:0:0:0:0:0:0:1", "X-Forwarded-Prefix: /api"]),
    request("Envoy", [host, client, "X-Envoy-Expected-Rq-Timeout-Ms: 15000", "X-Request-Id: 1"]),
    request("Next.js rewrites, for a name of one's own", [host, client, "X-Forwarded-Host: app.test:5173"]),
    request("nginx in front of a name of one's own", ["Host: app.test", client, "X-Real-IP: 127.0.0.1"]),
  ];
}
