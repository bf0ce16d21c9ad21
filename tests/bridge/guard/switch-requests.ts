/**
 * Requests to test what closes the bridge: those that a page of another site can make a browser send. They have the headers
 * that Chromium and Firefox were seen to send for what the page does.
 */

/** One request, as it comes over the wire. */
export interface WireRequest {
  what: string;
  method: string;
  version: string;
  lines: readonly string[];
}

/** Port that the requests name. */
export const PORT = 3000;

/** Headers that say nothing about the client: every proxy may add them. */
export const NEUTRAL_NAMES = [
  ...["X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server"],
  ...["X-NginX-Proxy", "Front-End-Https"],
];

/** Headers that name a client or a proxy. `Via` is not among them, because scripts may not set it. */
export const NAMING_NAMES = [
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded",
  "Forwarded",
  "Forwarded-For",
  "X-Real-IP",
  "X-Client-IP",
  "Client-IP",
  "True-Client-IP",
  "X-True-Client-IP",
  "CF-Connecting-IP",
  "Cf-Ray",
  "CF-Visitor",
  "CF-IPCountry",
  "CDN-Loop",
  "X-Cluster-Client-IP",
  "Fastly-Client-IP",
  "Fastly-SSL",
  "X-Original-Forwarded-For",
  "X-Original-Host",
  "X-Original-URL",
  "X-Envoy-External-Address",
  "X-Envoy-Attempt-Count",
  "X-ProxyUser-Ip",
  "WL-Proxy-Client-IP",
  "Proxy-Client-IP",
  "X-Azure-ClientIP",
  "X-Azure-SocketIP",
  "X-Azure-Ref",
  "X-Appengine-User-IP",
  "X-Cloud-Trace-Context",
  "X-Amzn-Trace-Id",
  "X-Amz-Cf-Id",
  "CloudFront-Viewer-Address",
  "X-ARR-SSL",
  "Fly-Client-IP",
  "DO-Connecting-IP",
  "X-NF-Client-Connection-IP",
  "X-Vercel-Id",
  "Akamai-Origin-Hop",
  "X-Remote-Addr",
  "Remote_Addr",
  "X_Forwarded_For",
  "X-Originating-IP",
  "X-Varnish",
];

/** All that a proxy adds and no browser does, except for `Via`. */
export const FORWARDING_NAMES = [...NAMING_NAMES, ...NEUTRAL_NAMES];

/** Header names that only look like them, and come from browsers, apps and their clients. */
export const HARMLESS_NAMES = [
  "X-Requested-With",
  "X-Request-Id",
  "X-Correlation-Id",
  "X-Client-Version",
  "X-Real-User",
  "X-CSRF-Token",
  "X-Amz-Date",
  "Traceparent",
  "User-Agent",
  "X-Tooltip",
  "Ship",
  "X-Chip",
  "X-Ghost",
  "Client-Version",
  "If-None-Match",
];

/** A request; default `GET` over HTTP/1.1. */
export const request = (
  what: string,
  lines: readonly string[],
  method = "GET",
  version = "1.1",
): WireRequest => ({
  what,
  method,
  version,
  lines,
});

/** What browsers say of a request's origin. */
export const fetched = (site: string, mode: string, kind: string) => [
  `Sec-Fetch-Site: ${site}`,
  `Sec-Fetch-Mode: ${mode}`,
  `Sec-Fetch-Dest: ${kind}`,
];

/** Hosts that a page can use for this machine, or resolve to it. */
const STRANGE_HOSTS = [
  `localhost.:${PORT}`,
  "localhost.",
  `evil.test:${PORT}`,
  "evil.test",
  `0.0.0.0:${PORT}`,
  `[::]:${PORT}`,
  `[::ffff:7f00:1]:${PORT}`,
  `127.0.0.1.nip.io:${PORT}`,
  `localhost.evil.test:${PORT}`,
  `a.localhost.:${PORT}`,
  "xn--localhst-sbh",
  "2130706433",
  "evil_test",
  "a..b",
  "evil.test:99999",
];

const OWN_HOSTS = [`localhost:${PORT}`, `127.0.0.1:${PORT}`, `[::1]:${PORT}`, `app.localhost:${PORT}`];

/** What a page of another site can make a browser send. */
export function strangersRequests(): WireRequest[] {
  return [
    ...OWN_HOSTS.flatMap((host) => acts(host, true)),
    ...acts(`localhost.:${PORT}`, true),
    ...STRANGE_HOSTS.flatMap((host) => acts(host, false)),
    ...withScriptsHeaders(),
    ...ofOtherSitesParts(),
  ];
}

/** @param known the browser sends Sec-Fetch: to https and loopback names only */
function acts(host: string, known: boolean): WireRequest[] {
  return ["https://evil.test", "http://evil.test:8000", "null"].flatMap((origin) =>
    ["cross-site", "same-site"].flatMap((site) => {
      const lines = (mode: string, kind: string) => [
        `Host: ${host}`,
        ...(known ? fetched(site, mode, kind) : []),
      ];
      const referer = origin === "null" ? [] : [`Referer: ${origin}/`];
      const from = `${known ? site : "silent"} ${origin} to ${host}`;
      return [
        request(`a picture, ${from}`, [...lines("no-cors", "image"), ...referer]),
        request(`a frame, ${from}`, [...lines("navigate", "iframe"), ...referer]),
        request(`a link, ${from}`, [...lines("navigate", "document"), ...referer, "Sec-Fetch-User: ?1"]),
        request(
          `a form, ${from}`,
          [...lines("navigate", "document"), ...referer, `Origin: ${origin}`],
          "POST",
        ),
        request(`a fetch, ${from}`, [...lines("no-cors", "empty"), ...referer, `Origin: ${origin}`], "POST"),
        request(`a beacon, ${from}`, [...lines("no-cors", "empty"), `Origin: ${origin}`], "POST"),
        request(
          `a preflight, ${from}`,
          [
            ...lines("cors", "empty"),
            `Origin: ${origin}`,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: x-forwarded-for,cf-ray",
          ],
          "OPTIONS",
        ),
        request(`a handshake, ${from}`, [
          ...lines("websocket", "empty"),
          `Origin: ${origin}`,
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]),
      ];
    }),
  );
}

/** Headers of a script: an app may allow them for every origin, and a page may use any name in its own requests. */
function withScriptsHeaders(): WireRequest[] {
  return FORWARDING_NAMES.flatMap((name) => {
    const header = `${name}: 203.0.113.7`;
    const origin = "Origin: https://evil.test";
    return [
      ...behindDevServer(`${name} of a script whose name leads to`, [header]),
      request(`${name} of a script, cross-site`, [
        `Host: localhost:${PORT}`,
        origin,
        ...fetched("cross-site", "cors", "empty"),
        header,
      ]),
      request(`${name} of a script on another port`, [
        `Host: localhost:${PORT}`,
        "Origin: http://localhost:5173",
        ...fetched("same-site", "cors", "empty"),
        header,
      ]),
      request(`${name} of a script in an old browser`, [`Host: localhost:${PORT}`, origin, header]),
      request(`${name} of a script in a sandbox of an old browser`, [
        `Host: localhost:${PORT}`,
        "Origin: null",
        header,
      ]),
      request(`${name} of a script whose name leads here`, [`Host: evil.test:${PORT}`, header]),
      request(
        `${name} of a script whose name leads here, posted`,
        [`Host: evil.test:${PORT}`, `Origin: http://evil.test:${PORT}`, header],
        "POST",
      ),
    ];
  });
}

/** A page under a name that leads to a development server here, which gives the app its own Host. */
export function behindDevServer(what: string, headers: readonly string[]): WireRequest[] {
  const host = `Host: localhost:${PORT}`;
  return [
    request(`${what} a server that rewrites the Host`, [host, ...headers]),
    request(
      `${what} a server that rewrites the Host, posted`,
      [host, "Origin: http://evil.test:5173", ...headers],
      "POST",
    ),
    request(
      `${what} a server that rewrites Host and Origin`,
      [host, `Origin: http://localhost:${PORT}`, ...headers],
      "POST",
    ),
  ];
}

/** The page is the app's own; it includes a style sheet or module of another site, or was reached by a link there. */
function ofOtherSitesParts(): WireRequest[] {
  const host = `Host: localhost:${PORT}`;
  const own = `Origin: http://localhost:${PORT}`;
  return ["https://cdn.test/a.css", "http://cdn.test:8000/", "https://accounts.example/"].flatMap(
    (address) => {
      const referer = `Referer: ${address}`;
      return [
        request(`a picture of a style sheet, ${address}`, [
          host,
          ...fetched("same-origin", "no-cors", "image"),
          referer,
        ]),
        request(`a style sheet of a style sheet, ${address}`, [
          host,
          ...fetched("same-origin", "no-cors", "style"),
          referer,
        ]),
        request(`a font of a style sheet, ${address}`, [
          host,
          own,
          ...fetched("same-origin", "cors", "font"),
          referer,
        ]),
        request(`a font of a style sheet in Firefox, ${address}`, [
          host,
          ...fetched("same-origin", "cors", "font"),
          referer,
        ]),
        request(`a module of a module, ${address}`, [
          host,
          own,
          ...fetched("same-origin", "cors", "script"),
          referer,
        ]),
        request(`a module of a module in Firefox, ${address}`, [
          host,
          ...fetched("same-origin", "cors", "script"),
          referer,
        ]),
        request(`a link that the app's service worker passes on in Firefox, ${address}`, [
          host,
          ...fetched("same-origin", "same-origin", "empty"),
          referer,
        ]),
        request(
          `a form that the app's service worker passes on in Firefox, ${address}`,
          [host, own, ...fetched("same-origin", "same-origin", "empty"), referer],
          "POST",
        ),
        request(`a link, loaded once more, ${address}`, [
          host,
          ...fetched("cross-site", "navigate", "document"),
          referer,
        ]),
      ];
    },
  );
}

/** The bytes of a request. */
export function toWire({ method, version, lines }: WireRequest): string {
  const body = method === "POST" ? ["Content-Length: 0"] : [];
  return `${method} /plain HTTP/${version}\r\n${[...lines, ...body, "Connection: close"].join("\r\n")}\r\n\r\n`;
}
