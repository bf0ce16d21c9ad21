/** Calls for the bridge as bytes: the panel's own, made on this machine, and those that someone forges who holds a cookie. */
import { BRIDGE_PATH } from "session-bridge/protocol";
import { ask, type Response } from "./client.ts";

/** What Chromium puts into the requests of an extension; a program can write it, too. */
const EXTENSION_ORIGIN = `chrome-extension://${"abcdefghijklmnop".repeat(2)}`;

/** The calls that are tried. */
export type CallName = "hello" | "session" | "edit";

/** The bodies of all calls for one session. */
export type Bodies = Record<CallName, string>;

/** @param ifVersion the session's version, without which no edit is made */
export function bodiesFor(cookie: string, ifVersion: string): Bodies {
  const value = cookie.slice(cookie.indexOf("=") + 1);
  const operations = [{ op: "set", path: ["is_admin"], valueJson: "true" }];
  return {
    hello: JSON.stringify({ protocol: 1 }),
    session: JSON.stringify({ protocol: 1, cookie: value }),
    edit: JSON.stringify({ protocol: 1, cookie: value, ifVersion, operations }),
  };
}

/** A call as the panel makes it to an address. @param token of the bridge, if it has one */
export function callBridge(base: string, name: CallName, body: string, token = ""): Promise<Response> {
  const headers = {
    origin: EXTENSION_ORIGIN,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...(token === "" ? {} : { "session-bridge-token": token }),
  };
  return ask(base + BRIDGE_PATH + name, { method: "POST", headers, body });
}

/** True if the bridge wrote this response, be it a refusal: the apps and proxies here answer these paths without JSON. */
export function isOfBridge(response: string): boolean {
  return /^content-type: *application\/(x-nd)?json/im.test(response) || /"protocol": ?1\b/.test(response);
}

/** One way to write a call. */
interface Spelling {
  version: "1.0" | "1.1";
  target: string;
  /** Lines of the head, in this order. */
  lines: readonly string[];
}

/** One forged call. */
export interface Forged extends Spelling {
  call: CallName;
}

const FORWARDED = [
  "X-Forwarded-For: 127.0.0.1",
  "Forwarded: for=127.0.0.1;host=localhost",
  "X-Real-IP: 127.0.0.1",
];

const HIDDEN = "x-forwarded-for, x-forwarded-host, x-forwarded-proto, x-real-ip, forwarded";

const CONNECTIONS: readonly (readonly string[])[] = [
  [],
  ["Connection: keep-alive"],
  ["Connection: close"],
  ["Connection: upgrade", "Upgrade: x"],
  ["Connection: upgrade"],
  ["Connection: keep-alive, upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
  ["Connection: keep-alive, x-forwarded-for"],
  [`Connection: keep-alive, ${HIDDEN}`],
  ["Connection: keep-alive, connection, host"],
  ["Connection: keep-alive", "Connection: keep-alive"],
  ["Connection: close", "Connection: keep-alive"],
  ["Proxy-Connection: keep-alive", "Keep-Alive: timeout=5"],
];

/** How the Host is written. @param appPort the app's own port */
function hostLines(appPort: number): readonly (readonly string[])[] {
  return [
    ["Host: shop.example"],
    ["Host: localhost"],
    [`Host: localhost:${appPort}`],
    [`Host: 127.0.0.1:${appPort}`],
    ["Host: shop.example", `Host: localhost:${appPort}`],
    [`Host: localhost:${appPort}`, "Host: shop.example"],
    [],
  ];
}

/** How the path is written. @param name the call's */
function targets(name: CallName, appPort: number): readonly string[] {
  const path = `${BRIDGE_PATH}${name}`;
  return [
    path,
    `http://localhost:${appPort}${path}`,
    `http://shop.example${path}`,
    `/api/..${path}`,
    `/api/..;${path}`,
    `/api/%2e%2e${path}`,
    `/api%2f..${path}`,
    `/api/..%2f${path.slice(1)}`,
    `//localhost:${appPort}${path}`,
    `/.${path}`,
    `/${path}`,
    path.replace("__", "%5F%5F"),
    `${path}?x=1`,
    `${path}#x`,
  ];
}

/** Each subset of the forwarding headers. */
const SUBSETS = Array.from({ length: 2 ** FORWARDED.length }, (_, bits) =>
  FORWARDED.filter((_line, at) => (bits >> at) & 1),
);

const CALLS = ["session", "hello", "edit"] as const;

/**
 * Calls to forge. Whole: every combination of headers for every call on its usual path, and every path with every Host and Connection.
 * Otherwise many combinations for one call on its usual path, and every path with every call.
 */
export function* forgeCalls(appPort: number, isWhole: boolean): Generator<Forged> {
  const all = { hosts: hostLines(appPort), connections: CONNECTIONS, subsets: SUBSETS };
  const many = { ...all, subsets: [[], FORWARDED.slice(0, 1), FORWARDED] };
  const few = {
    hosts: [[`Host: localhost:${appPort}`]],
    connections: CONNECTIONS.slice(0, 2),
    subsets: [[]],
  };
  for (const call of CALLS) {
    for (const [at, target] of targets(call, appPort).entries()) {
      const isUsual = at === 0 && (isWhole || call === "session");
      const [usual, others] = isWhole ? [all, { ...all, subsets: [[]] }] : [many, few];
      for (const lines of combine(isUsual ? usual : others)) {
        yield { call, target, version: "1.1", lines };
        yield { call, target, version: "1.0", lines };
      }
    }
  }
}

type Lines = readonly (readonly string[])[];

function combine({ hosts, connections, subsets }: Record<"hosts" | "connections" | "subsets", Lines>): Lines {
  return hosts.flatMap((host) =>
    connections.flatMap((connection) => subsets.map((forwarded) => [...host, ...connection, ...forwarded])),
  );
}

/** The bytes of a forged call. @param token sent if it is not empty: of someone who has it, too */
export function toBytes({ call, version, target, lines }: Forged, bodies: Bodies, token = ""): string {
  const body = bodies[call];
  const head = [
    `POST ${target} HTTP/${version}`,
    ...lines,
    `Origin: ${EXTENSION_ORIGIN}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(token === "" ? [] : [`Session-Bridge-Token: ${token}`]),
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
