/** What the demo of `npm start` does to its session, as its bridge reports it: the story of the README's picture. */
import type { Json, KeyChange, Trace } from "session-bridge/protocol";
import { fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import { KEY } from "./story.ts";

/** Where the demo writes each key. A test reads the lines. */
export const DEMO = "examples/express/server.ts";
export const WRITERS = { visits: 28, user_id: 35, username: 36, cart: 43 } as const;

const ORIGIN = "http://localhost:3000";
const HOUR_SECONDS = 3600;
const FIRST_KEY = "ajwgd2k8s0fq4n7c1x5vb9m3tz6rhnew";

const USER = { user_id: 123, username: "john_doe" };

type Data = Record<string, Json>;

interface DemoRequest {
  method?: string;
  path: string;
  status?: number;
  ms: number;
  /** The session's key before it and after it; null: no session. */
  keys: readonly [string | null, string];
  data: readonly [Data | null, Data];
  changes: readonly [keyof typeof WRITERS, KeyChange["kind"]][];
}

const LOGIN: readonly DemoRequest[] = [
  {
    path: "/",
    ms: 16.9,
    keys: [null, FIRST_KEY],
    data: [null, { visits: 1 }],
    changes: [["visits", "added"]],
  },
  {
    method: "POST",
    path: "/login",
    status: 302,
    ms: 14.4,
    keys: [FIRST_KEY, KEY],
    data: [{ visits: 1 }, { visits: 1, ...USER }],
    changes: [
      ["user_id", "added"],
      ["username", "added"],
    ],
  },
  {
    path: "/",
    ms: 2.6,
    keys: [KEY, KEY],
    data: [
      { visits: 1, ...USER },
      { visits: 2, ...USER },
    ],
    changes: [["visits", "changed"]],
  },
  {
    method: "POST",
    path: "/cart",
    status: 302,
    ms: 3.7,
    keys: [KEY, KEY],
    data: [
      { visits: 2, ...USER },
      { visits: 2, ...USER, cart: { tea: 1 } },
    ],
    changes: [["cart", "added"]],
  },
  {
    path: "/",
    ms: 1.4,
    keys: [KEY, KEY],
    data: [
      { visits: 2, ...USER, cart: { tea: 1 } },
      { visits: 3, ...USER, cart: { tea: 1 } },
    ],
    changes: [["visits", "changed"]],
  },
];

/** Opens the demo's page, with the demo's bridge behind it. */
export function openDemo(world: MemoryWorld): void {
  world.url = `${ORIGIN}/`;
  world.server.hello = { ...world.server.hello, engine: "db" };
}

/** A visitor opens the page, logs in and puts tea into the cart. */
export function playDemo(world: MemoryWorld): void {
  for (const request of LOGIN) playRequest(world, request);
}

function playRequest(world: MemoryWorld, demo: DemoRequest): void {
  const { method = "GET", path, status = 200, ms, keys, data } = demo;
  const [beforeKey, key] = keys;
  const expiresAt = world.now() + HOUR_SECONDS * 1000;
  const isNew = beforeKey !== key;
  world.server.put(key, data[1], expiresAt);
  world.setCookies([fillCookie({ value: key, expiresAt })]);
  const trace = world.server.trace({
    request: { method, path, status, durationMs: ms },
    before: beforeKey === null ? null : sideOf(beforeKey, data[0], expiresAt),
    after: sideOf(key, data[1], expiresAt),
    changes: demo.changes.map(([name, kind]) => ({ key: name, kind, writer: `${DEMO}:${WRITERS[name]}` })),
    newKey: isNew,
    operations: operationsOf(beforeKey, isNew),
  });
  world.request({
    method,
    url: ORIGIN + path,
    status,
    type: "document",
    durationMs: ms,
    traceId: trace.id,
    sentCookies: beforeKey === null ? [] : ["sessionid"],
    setCookies: [`sessionid=${key}; Max-Age=${HOUR_SECONDS}; HttpOnly; Path=/; SameSite=Lax`],
  });
  world.advance(1300);
}

function operationsOf(beforeKey: string | null, isNew: boolean): Trace["operations"] {
  if (beforeKey === null) return [{ name: "create", durationMs: 4.2 }];
  return [
    { name: "load", durationMs: 0.2 },
    { name: isNew ? "cycle" : "save", durationMs: 0.5 },
  ];
}

function sideOf(key: string, data: Data | null, expiresAt: number): Trace["after"] {
  const dataJson = JSON.stringify(data ?? {});
  return {
    key: `${key.slice(0, 4)}…${key.slice(-4)}`,
    keyId: key,
    dataJson,
    version: dataJson,
    expiresAt,
    truncated: false,
  };
}
