/** The pipe's methods of a session; each is one call to the library. `white` ones read internals. */

import { writeExact } from "../../server-bridge/src/core/data/python-json.ts";
import { SessionData } from "../../server-bridge/src/core/data/session-data.ts";
import { isTooShort } from "../../server-bridge/src/core/session/key.ts";
import { stateOf } from "../../server-bridge/src/core/session/proxy.ts";
import type { SessionState } from "../../server-bridge/src/core/session/state.ts";
import type { Sessions } from "../../server-bridge/src/core/sessions.ts";
import type { Session } from "../../server-bridge/src/index.ts";
import { AttributeMissing, fromWire, KeyMissing, toDatetime } from "./peer-wire.ts";

/** A session as the peer drives it: any data. */
export type AnySession = Session<Record<string, unknown>>;

type Method = (session: AnySession, args: unknown[], sessions: Sessions<Record<string, unknown>>) => unknown;

export function stateBehind(session: AnySession): SessionState {
  const state = stateOf(session);
  if (state === undefined) throw new TypeError("not a session");
  return state;
}

/** Where Python raises KeyError, JavaScript returns undefined. */
function need(session: AnySession, key: string): void {
  if (!session.has(key)) throw new KeyMissing(key);
}

function question(given: unknown, nowMs: number) {
  const { modification, expiry } = (given ?? {}) as Record<string, unknown>;
  return {
    ...(modification === undefined ? {} : { modification: new Date(String(fromWire(modification, nowMs))) }),
    ...(expiry === undefined ? {} : { expiry: fromWire(expiry, nowMs) as number | string | null }),
  };
}

export const METHODS: Record<string, Method> = {
  get: (session, [key, fallback = null]) => session.get(String(key), fallback),
  getitem: (session, [key]) => {
    need(session, String(key));
    return session.get(String(key));
  },
  setitem: (session, [key, value]) => session.set(String(key), value),
  delitem: (session, [key]) => {
    if (!session.delete(String(key))) throw new KeyMissing(String(key));
  },
  contains: (session, [key]) => session.has(String(key)),
  has_key: (session, [key]) => session.has(String(key)),
  pop: (session, args) => {
    const [key, fallback] = args;
    if (args.length < 2) need(session, String(key));
    return session.pop(String(key), fallback);
  },
  setdefault: (session, [key, value = null]) => session.setDefault(String(key), value),
  update: (session, [values]) => session.update(values as Record<string, unknown>),
  keys: (session) => session.keys(),
  values: (session) => session.values(),
  items: (session) => session.entries(),
  clear: (session) => session.clear(),
  flush: (session) => session.flush(),
  cycle_key: (session) => session.cycleKey(),
  set_test_cookie: (session) => session.setTestCookie(),
  test_cookie_worked: (session) => session.testCookieWorked(),
  delete_test_cookie: (session) => session.deleteTestCookie(),
  save: (session, [mustCreate]) => session.save({ mustCreate: mustCreate === true }),
  create: (session) => session.create(),
  exists: (session, [key]) => session.exists(String(key)),
  delete: (session, [key]) => session.deleteStored(typeof key === "string" ? key : undefined),
  set_expiry: (session, [value], sessions) =>
    session.setExpiry(fromWire(value, sessions.clock()) as number | string | null),
  get_expiry_age: (session, [given], sessions) => session.getExpiryAge(question(given, sessions.clock())),
  get_expiry_date: (session, [given], sessions) =>
    toDatetime(session.getExpiryDate(question(given, sessions.clock()))),
  get_expire_at_browser_close: (session) => session.getExpireAtBrowserClose(),
  get_session_cookie_age: (_, __, sessions) => sessions.settings.cookieAge,
  encode: (_, [data], sessions) => sessions.codec.encode(writeExact(data) ?? "null"),
  decode: (_, [text], sessions) =>
    sessions.codec.decode(String(text)) ?? sessions.log("Session data corrupted"),
  new_key: (_, __, sessions) => sessions.newKey(),
  /** Django's `load` returns the dict without keeping it; ours keeps it, so a second object loads. */
  async load(session, _, sessions) {
    const state = stateBehind(session);
    const probe = sessions.open(state.key);
    await probe.load();
    const { key, modified } = stateBehind(probe);
    state.key = key;
    state.modified ||= modified;
    return probe.toJSON();
  },

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
  poke: (session, [key, value]) => {
    const state = stateBehind(session);
    state.data ??= new SessionData();
    state.data.set(String(key), value);
  },
  forget: (session) => {
    stateBehind(session).data = null;
  },
  nested_append: (session, [key, value]) => {
    need(session, String(key));
    const list = session.get(String(key));
    if (!Array.isArray(list)) throw new AttributeMissing("append");
    list.push(value);
  },
};
