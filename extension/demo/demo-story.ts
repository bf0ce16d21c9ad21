/** The demo's story: a visitor comes to a shop, logs in, fills a cart and logs out, one request at a time. */
import type { Json, Trace } from "session-bridge/protocol";
import type { TabCookie } from "../messages/tab-cookie.ts";
import { DEMO_ORIGIN, type DemoWorld } from "./demo-ports.ts";

/** Between two steps: slow enough to read a row. */
const STEP_MS = 1200;
const HOUR_SECONDS = 3600;
/** After the login a short one, so that its countdown shows the seconds. */
const SHORT_SECONDS = 120;

const GUEST_KEY = "g7wd2k8s0fq4n7c1x5vb9m3tz6rhnew1";
const USER_KEY = "k3v9abcdefghijklmnopqrstuvwxx0q2";
/** The same user's session in another browser. */
const PHONE_KEY = "m5ph8one2r6t0w4y7z1s9d3f5h7j2l8n";
const NEXT_KEY = "p1xo4m8r2tq6w0y5z9s3d7f1h5j9l3n7";

type Data = Record<string, Json>;

const GUEST: Data = { visits: 1 };
const USER: Data = { visits: 1, user_id: 123, username: "john_doe" };
const TEA: Data = { ...USER, visits: 2, cart: { tea: 1 } };
const CAKE: Data = { ...TEA, cart: { tea: 1, cake: 2 } };
const EDITED: Data = { ...CAKE, cart: { tea: 5, cake: 2 } };

/** Where the shop's code writes each key. */
const WRITERS: Readonly<Record<string, string>> = {
  visits: "src/shop.ts:12",
  user_id: "src/login.ts:41",
  username: "src/login.ts:42",
  cart: "src/cart.ts:18",
};

/** One request of the visitor, or one edit in the panel. */
interface Step {
  method?: string;
  path: string;
  status?: number;
  ms: number;
  /** The session's key and data before and after; null: no session. */
  before: readonly [key: string, data: Data] | null;
  after: readonly [key: string, data: Data] | null;
  /** Seconds until the session expires. Default: an hour. */
  age?: number;
  /** Done in the panel: there is no request. */
  isEdit?: true;
}

/** In order. */
const STORY: readonly Step[] = [
  { path: "/", ms: 17, before: null, after: [GUEST_KEY, GUEST] },
  { path: "/login", ms: 4, before: [GUEST_KEY, GUEST], after: [GUEST_KEY, GUEST] },
  {
    method: "POST",
    path: "/login",
    status: 302,
    ms: 41,
    before: [GUEST_KEY, GUEST],
    after: [USER_KEY, USER],
  },
  { path: "/", ms: 6, before: [USER_KEY, USER], after: [USER_KEY, { ...USER, visits: 2 }] },
  {
    ...{ method: "POST", path: "/cart", status: 303, ms: 12 },
    ...{ before: [USER_KEY, { ...USER, visits: 2 }], after: [USER_KEY, TEA] },
  },
  { method: "POST", path: "/cart", status: 303, ms: 9, before: [USER_KEY, TEA], after: [USER_KEY, CAKE] },
  {
    method: "POST",
    path: "/__sessions/v1/edit",
    ms: 2,
    before: [USER_KEY, CAKE],
    after: [USER_KEY, EDITED],
    isEdit: true,
  },
  {
    path: "/checkout",
    ms: 8,
    before: [USER_KEY, EDITED],
    after: [USER_KEY, { ...EDITED, step: 2 }],
    age: SHORT_SECONDS,
  },
  {
    method: "POST",
    path: "/logout",
    status: 302,
    ms: 7,
    before: [USER_KEY, { ...EDITED, step: 2 }],
    after: null,
  },
  { path: "/", ms: 5, before: null, after: [NEXT_KEY, GUEST], age: SHORT_SECONDS },
];

/** Plays the story, the first step now. Returns how to stop. */
export function playStory(world: DemoWorld): () => void {
  const [seen, began] = [world.now() - 20 * 60_000, world.now() - 26 * HOUR_SECONDS * 1000];
  world.server.put(PHONE_KEY, { ...TEA, visits: 9 }, seen + 14 * 24 * HOUR_SECONDS * 1000, began);
  let next = 0;
  const step = (): void => {
    const played = STORY[next];
    next += 1;
    if (played === undefined) stop();
    else play(world, played, next);
  };
  const stop = world.ports.clock.every(STEP_MS, step);
  step();
  return stop;
}

function play(world: DemoWorld, step: Step, number: number): void {
  const expiresAt = world.now() + (step.age ?? HOUR_SECONDS) * 1000;
  const trace = world.server.trace(traceOf(world, step, expiresAt));
  const isNew = step.before?.[0] !== step.after?.[0];
  if (step.before !== null && isNew) world.server.drop(step.before[0]);
  if (step.after !== null) world.server.put(...step.after, expiresAt);
  if (step.isEdit) return;
  world.setCookies(step.after === null ? [] : [cookieOf(step.after[0], expiresAt)]);
  world.request({
    id: `demo-${number}`,
    at: world.now(),
    method: step.method ?? "GET",
    url: DEMO_ORIGIN + step.path,
    status: step.status ?? 200,
    type: "document",
    durationMs: step.ms,
    traceId: trace.id,
    sentCookies: step.before === null ? [] : ["sessionid"],
    setCookies: isNew || step.age !== undefined ? [setCookieOf(step)] : [],
    fromCache: false,
    error: null,
  });
}

function traceOf(world: DemoWorld, step: Step, expiresAt: number): Partial<Trace> {
  const changes = step.after === null ? [] : changesOf(step);
  return {
    origin: step.isEdit ? "panel" : "request",
    request: {
      method: step.method ?? "GET",
      path: step.path,
      status: step.status ?? 200,
      durationMs: step.ms,
    },
    before: sideOf(step.before, world.server.read(step.before?.[0] ?? "")?.expiresAt ?? expiresAt),
    after: sideOf(step.after, expiresAt),
    changes: step.isEdit ? changes.map(({ key, kind }) => ({ key, kind })) : changes,
    newKey: step.before !== null && step.after !== null && step.before[0] !== step.after[0],
    flushedKeys: step.after === null && step.before !== null ? Object.keys(step.before[1]).length : null,
    operations: operationsOf(step),
  };
}

function operationsOf({ before, after }: Step): Trace["operations"] {
  if (before === null) return [{ name: "create", durationMs: 4 }];
  if (after === null) return [{ name: "flush", durationMs: 3 }];
  const load = { name: "load", durationMs: 1 } as const;
  if (before[0] !== after[0]) return [load, { name: "cycle", durationMs: 2 }];
  return before[1] === after[1] ? [load] : [load, { name: "save", durationMs: 2 }];
}

function changesOf({ before, after }: Step): Trace["changes"] {
  const [left, right] = [before?.[1] ?? {}, after?.[1] ?? {}];
  return Object.keys(right)
    .filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]))
    .map((key) => ({
      key,
      kind: key in left ? "changed" : "added",
      writer: WRITERS[key] ?? "src/shop.ts:57",
    }));
}

function sideOf(side: Step["before"], expiresAt: number): Trace["before"] {
  if (side === null) return null;
  const [key, data] = side;
  const dataJson = JSON.stringify(data);
  return {
    key: `${key.slice(0, 4)}…${key.slice(-4)}`,
    keyId: key,
    dataJson,
    version: dataJson,
    expiresAt,
    truncated: false,
  };
}

function setCookieOf({ after, age = HOUR_SECONDS }: Step): string {
  return after === null
    ? "sessionid=; Max-Age=0; Path=/"
    : `sessionid=${after[0]}; Max-Age=${age}; HttpOnly; Path=/; SameSite=Lax`;
}

function cookieOf(value: string, expiresAt: number): TabCookie {
  return {
    id: "0||demo.localhost|/|sessionid",
    name: "sessionid",
    value,
    domain: "demo.localhost",
    hostOnly: true,
    path: "/",
    secure: false,
    httpOnly: true,
    sameSite: "lax",
    expiresAt,
    storeId: "0",
    partitionKey: null,
    recognised: { framework: "Django", role: "session" },
  };
}
