/** The guide's own story as requests and traces: a login, a visit counter, a cart, a logout. */
import type { Json, KeyChange, Trace } from "session-bridge/protocol";
import { fillCookie, type MemoryWorld } from "../memory-ports/world.ts";

export const KEY = "k3v9abcdefghijklmnopqrstuvwxx0q2";
const HOST = "http://localhost:8000";

interface Step {
  method?: string;
  path: string;
  status?: number;
  type?: string;
  ms?: number;
  before?: Json | null;
  after?: Json | null;
  trace?: Partial<Trace>;
  set?: string[];
  /** No trace at all, as of a static file. */
  plain?: boolean;
}

/** Plays one request with its trace. */
export function play(world: MemoryWorld, step: Step): void {
  const { method = "GET", path, status = 200, ms = 4, before = null, after = before } = step;
  const trace =
    step.plain === true
      ? null
      : world.server.trace({
          at: world.now(),
          request: { method, path, status, durationMs: ms },
          before: sideFor(before, world),
          after: sideFor(after, world),
          changes: changesOf(before, after),
          ...step.trace,
        });
  world.request({
    method,
    url: HOST + path,
    status,
    type: step.type ?? "document",
    durationMs: ms,
    traceId: trace?.id ?? null,
    sentCookies: before === null ? [] : ["sessionid"],
    setCookies: step.set ?? [],
  });
  world.advance(1300);
}

/** What a login with Django's own keys leaves, and short values under long keys. */
export const DJANGO_SESSION: Json = {
  _auth_user_id: "1",
  _auth_user_backend: "django.contrib.auth.backends.ModelBackend",
  _auth_user_hash: "3f8a6c1e0b9d47a2c5e8f1a4b7d0c3e6f9a2b5c8d1e4f7a0b3c6d9e2f5a8b1c4",
  _session_expiry: 0,
  _language: "en-gb",
  the_page_to_which_the_visitor_is_sent_after_the_login: null,
  checkout: { step: 2, address: { city: "Utrecht", is_confirmed_by_the_visitor: true } },
};

const GUEST = { csrf_seed: "Zk3…", visits: 1 };
const USER = { ...GUEST, visits: 2, user_id: 123, username: "john_doe", cart: {} };
const FILLED = {
  ...USER,
  visits: 3,
  cart: { items: [{ sku: "tea-01", count: 2 }], total: 19.5, gift: false },
};
const LAST = {
  ...FILLED,
  visits: 5,
  _messages: [["info", "Tea is in your cart"]],
  theme: null,
  trial: true,
};
const SET_COOKIE = `sessionid=${KEY}; Max-Age=3600; HttpOnly; Path=/; SameSite=Lax`;

/** The whole story up to a full cart; then a failed save and a logout if `toEnd`. */
export function playStory(world: MemoryWorld, toEnd = true): void {
  playLogin(world);
  playCart(world);
  if (toEnd) playLogout(world);
}

/** A login with all that can be wrong with one, for the longest list of reasons. */
export function playTrouble(world: MemoryWorld): void {
  playLogin(world);
  play(world, {
    method: "POST",
    path: "/login",
    status: 200,
    ms: 320,
    before: GUEST,
    after: { ...USER, visits: 1 },
    trace: {
      operations: [
        { name: "load", durationMs: 2 },
        { name: "save", durationMs: 4 },
      ],
      findings: [
        { code: "lost-update", keys: ["cart"] },
        { code: "login-without-new-key", keys: ["user_id"] },
        { code: "near-4-kib" },
        { code: "key-conflict", keys: ["visits"] },
        { code: "late-change", keys: ["cart"] },
      ],
    },
    set: [SET_COOKIE, "__Host-theme=dark; Path=/account; Secure", "__Secure-trial=1; Path=/"],
  });
  world.server.put(KEY, USER, cookieExpiry(world));
}

function playLogin(world: MemoryWorld): void {
  play(world, { path: "/", after: null, ms: 3 });
  play(world, { path: "/login", after: GUEST, ms: 6, set: [SET_COOKIE] });
  play(world, {
    method: "POST",
    path: "/login",
    status: 302,
    ms: 41,
    before: GUEST,
    after: USER,
    trace: {
      newKey: true,
      operations: [
        { name: "cycle", durationMs: 2 },
        { name: "save", durationMs: 4 },
      ],
    },
    set: [SET_COOKIE],
  });
  play(world, { path: "/account", before: USER, after: { ...USER, visits: 3 }, ms: 9 });
  play(world, { path: "/account/avatar.png", status: 304, type: "image", ms: 1, plain: true });
}

/** Fills the cart, once in vain; in between another tab reads its inbox. */
function playCart(world: MemoryWorld): void {
  play(world, {
    method: "POST",
    path: "/cart/add?sku=tea-01",
    status: 303,
    type: "fetch",
    before: { ...USER, visits: 3 },
    after: FILLED,
    ms: 12,
  });
  play(world, {
    method: "POST",
    path: "/cart/add",
    status: 500,
    type: "fetch",
    before: FILLED,
    after: FILLED,
    ms: 112,
    trace: {
      changes: [{ key: "cart", kind: "changed" }],
      operations: [{ name: "not-saved", durationMs: 0, reason: "status 500" }],
    },
  });
  world.server.trace({
    request: { method: "GET", path: "/inbox", status: 200, durationMs: 5 },
    before: sideFor(FILLED, world),
    after: sideFor({ ...FILLED, visits: 4 }, world),
    changes: [{ key: "visits", kind: "changed" }],
  });
  world.advance(1500);
  play(world, { path: "/cart", before: { ...FILLED, visits: 4 }, after: LAST, ms: 8 });
  world.server.put(KEY, LAST, cookieExpiry(world));
}

function playLogout(world: MemoryWorld): void {
  play(world, {
    method: "POST",
    path: "/logout",
    status: 302,
    before: LAST,
    after: null,
    ms: 7,
    trace: { changes: [], flushedKeys: 8, operations: [{ name: "flush", durationMs: 3 }] },
    set: ["sessionid=; Max-Age=0; Path=/"],
  });
  world.server.drop(KEY);
  world.setCookies(world.cookies.cookies.filter((cookie) => cookie.name !== "sessionid"));
}

/** The cookies of the story: an hour of a session, one near its end, one that ends with the browser. */
export function storyCookies(world: MemoryWorld): void {
  const now = world.now();
  world.setCookies([
    fillCookie({ value: KEY, expiresAt: now + 3_600_000 }),
    fillCookie({
      name: "connect.sid",
      value: "s%3Aabc.def",
      expiresAt: now + 292_000,
      sameSite: "unspecified",
      recognised: { framework: "Express", role: "session" },
    }),
    fillCookie({
      name: "cart_session",
      value: "eyJhIjoxfQ",
      httpOnly: false,
      secure: true,
      recognised: { framework: "Flask", role: "session" },
    }),
  ]);
}

/** When the session's cookie expires; as in Django, the session is stored with the same expiry. */
function cookieExpiry(world: MemoryWorld): number | undefined {
  return world.cookies.cookies.find(({ name }) => name === "sessionid")?.expiresAt ?? undefined;
}

function sideFor(data: Json | null, world: MemoryWorld) {
  if (data === null) return null;
  return {
    key: "k3v9…x0q2",
    keyId: KEY,
    dataJson: JSON.stringify(data),
    version: "1",
    expiresAt: world.now() + 3_600_000,
    truncated: false,
  };
}

function changesOf(before: Json, after: Json): KeyChange[] {
  const left: Record<string, Json> = isObject(before) ? before : {};
  const right: Record<string, Json> = isObject(after) ? after : {};
  const kindOf = (key: string): KeyChange["kind"] => {
    if (!(key in left)) return "added";
    return key in right ? "changed" : "removed";
  };
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]))
    .map((key) => ({ key, kind: kindOf(key), writer: `src/shop.ts:${key.length * 7}` }));
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
