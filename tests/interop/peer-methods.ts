/** The pipe's methods of a session; each is one call to the library. `white` ones read internals. */

import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionData } from "../../server-bridge/src/core/data/session-data.ts";
import { EXPIRY_KEY, expiryMoment } from "../../server-bridge/src/core/django/expiry.ts";
import { toIso } from "../../server-bridge/src/core/django/python-datetime.ts";
import { isTooShort } from "../../server-bridge/src/core/session/key.ts";
import type { SessionState } from "../../server-bridge/src/core/session/state.ts";
import type { Codec, ExpiryQuestion } from "../../server-bridge/src/index.ts";
import type { Driven } from "./peer-library.ts";
import { type AnySession, stateBehind } from "./peer-session.ts";
import { ExactJson, PythonError, toDate, toExpiry } from "./peer-wire.ts";

/** What a method may use in addition to its arguments. */
export interface MethodContext {
  sessions: Driven;
  /** Of Django's stored sessions. Each of its engines has `encode` and `decode`, even if it does not use them. */
  codec: Codec;
  /** The exact JSON of the first argument; absent: there is none. */
  firstArgument: string | undefined;
}

type Method = (session: AnySession, args: unknown[], context: MethodContext) => unknown;

/** Where Python raises KeyError, JavaScript returns undefined. */
function need(session: AnySession, key: unknown): string {
  if (!session.has(String(key))) throw new PythonError("KeyError", String(key));
  return String(key);
}

function question(given: unknown, { sessions }: MethodContext): ExpiryQuestion {
  const { modification, expiry } = (given ?? {}) as Record<string, unknown>;
  const { settings } = sessions;
  const date = toDate(modification, settings);
  return {
    ...(date === undefined ? {} : { modification: date }),
    ...(expiry === undefined ? {} : { expiry: toExpiry(expiry, sessions.clock(), settings) }),
  };
}

function decode(text: unknown, { codec, sessions }: MethodContext): ExactJson {
  const contents = codec.decode(String(text));
  if (contents === null) sessions.log("Session data corrupted");
  return new ExactJson(contents?.json ?? "{}");
}

/** Every method, by its name in the pipe. */
export const METHODS: Readonly<Record<string, Method>> = {
  get: (session, [key, fallback = null]) => session.get(String(key), fallback),
  getitem: (session, [key]) => session.get(need(session, key)),
  setitem: (session, [key, value = null]) => session.set(String(key), value),
  delitem: (session, [key]) => void session.delete(need(session, key)),
  contains: (session, [key]) => session.has(String(key)),
  has_key: (session, [key]) => session.has(String(key)),
  pop: (session, args) => {
    const [key, fallback] = args;
    return session.pop(args.length < 2 ? need(session, key) : String(key), fallback);
  },
  setdefault: (session, [key, value = null]) => session.setDefault(String(key), value),
  update: (session, [values]) => session.update((values ?? {}) as Record<string, unknown>),
  keys: (session) => session.keys(),
  values: (session) => session.values(),
  items: (session) => session.entries(),
  clear: (session) => session.clear(),
  is_empty: (session) => session.isEmpty(),
  flush: (session) => session.flush(),
  cycle_key: (session) => session.cycleKey(),
  set_test_cookie: (session) => session.setTestCookie(),
  test_cookie_worked: (session) => session.testCookieWorked(),
  delete_test_cookie: (session) => session.deleteTestCookie(),
  save: (session, [mustCreate]) => session.save({ mustCreate: isTrue(mustCreate, "must_create") }),
  create: (session) => session.create(),
  exists: (session, [key]) => (typeof key === "string" ? session.exists(key) : false),
  delete: (session, [key]) => session.deleteStored(typeof key === "string" ? key : undefined),
  set_expiry: (session, [value], { sessions }) =>
    session.setExpiry(toExpiry(value ?? null, sessions.clock(), sessions.settings)),
  get_expiry_age: (session, [given], context) => session.getExpiryAge(question(given, context)),
  /** The library's own answer is a Date, without offset and microseconds; the datetime behind it has both. */
  get_expiry_date(session, [given], context) {
    const { clock, settings } = context.sessions;
    const { modification, ...asked } = question(given, context);
    const expiry = "expiry" in asked ? asked.expiry : session.get(EXPIRY_KEY);
    const moment = expiryMoment(expiry, modification?.getTime() ?? clock(), settings);
    return { $datetime: toIso(moment) };
  },
  get_expire_at_browser_close: (session) => session.getExpireAtBrowserClose(),
  get_session_cookie_age: (_, __, { sessions }) => sessions.settings.cookieAge,
  encode: (_, __, { codec, firstArgument }) => codec.encode(firstArgument ?? "{}"),
  decode: (_, [text], context) => decode(text, context),
  /** The encoding from before Django 3.1 is one that the library does not read. */
  legacy_decode: (_, [text], context) => decode(text, context),
  /** Django's private `_get_new_session_key`. */
  async new_key(session, _, { sessions }) {
    for (;;) {
      const key = sessions.newKey();
      if (!(await session.exists(key))) return key;
    }
  },
  /** Django's private `_key_to_file`, which takes the session's own key by default. */
  key_to_file(session, [key], { sessions }) {
    const { place, engine, newKey } = sessions;
    if (place.engine !== "file") throw new PythonError("AttributeError", "_key_to_file");
    const state = stateBehind(session);
    if (typeof key !== "string") state.key ??= newKey();
    const named = typeof key === "string" ? key : (state.key ?? "");
    if (engine.accepts?.(named) !== false) return join(place.directory ?? tmpdir(), place.prefix + named);
    throw new PythonError("InvalidSessionKey", "Invalid characters in session key");
  },
  load: (session, _, { sessions }) => loadLikeDjango(stateBehind(session), sessions),

  // white box
  set_accessed: (session, [value]) => {
    session.accessed = value === true;
  },
  set_modified: (session, [value]) => {
    session.modified = value === true;
  },
  set_session_key: (session, [value]) => {
    stateBehind(session).key = typeof value === "string" && !isTooShort(value) ? value : null;
  },
  peek: (session) => {
    const { data } = stateBehind(session);
    return data === null ? null : Object.fromEntries(data.keys().map((key) => [key, data.get(key)]));
  },
  /** One value in `_session_cache`, or with one argument the whole dict. */
  poke: (session, args) => {
    const state = stateBehind(session);
    const [first, value = null] = args;
    const isWhole = args.length === 1 && typeof first === "object" && first !== null;
    if (isWhole || state.data === null) state.data = new SessionData();
    for (const [key, one] of isWhole ? Object.entries(first) : [[String(first), value]]) {
      state.data.set(String(key), one);
    }
  },
  forget: (session) => {
    stateBehind(session).data = null;
  },
  nested_append: (session, [key, value]) => {
    const list = session.get(need(session, key));
    if (!Array.isArray(list)) throw new PythonError("AttributeError", "append");
    list.push(value);
  },
};

/** An argument that may be given by position or by name. */
function isTrue(value: unknown, name: string): boolean {
  if (typeof value === "object" && value !== null) return Reflect.get(value, name) === true;
  return value === true;
}

/** Django's `load` returns the dict without keeping it; ours keeps it, so a second object loads. */
async function loadLikeDjango(state: SessionState, sessions: Driven): Promise<ExactJson> {
  const before = state.key;
  const session = sessions.open(before);
  const probe = stateBehind(session);
  await session.load();
  await probe.queue.drain(); // an expired file makes the session take a new key at once
  const { key, modified, accessed, data, text } = probe;
  state.key = key;
  state.modified ||= modified;
  state.accessed ||= accessed;
  if (key !== null && key !== before) Object.assign(state, { data, text });
  return new ExactJson(data?.base.json ?? "{}");
}
