/** Expiry, compared with what real Django computes: what is stored, the age, the datetime, the cookie. */
import {
  cache,
  createSessions,
  isSessionError,
  openSession,
  type Session,
  type Sessions,
} from "session-bridge";
import { describe, expect, it } from "vitest";
import { EXPIRY_KEY, expiryMoment } from "../../server-bridge/src/core/django/expiry.ts";
import { toIso, toMoment } from "../../server-bridge/src/core/django/python-datetime.ts";
import { type Case, expectFields, readVectors } from "./vectors.ts";

const table = readVectors("expiry_table");
const kwargs = readVectors("expiry_kwargs");
const sequences = readVectors("expiry_sequences");
const confs = table.header["confs"] as Record<string, Record<string, unknown>>;
const values = table.header["values"] as Record<string, unknown>;
const setAt = Number(table.header["set_at"]);

/** A library under Django's settings, and its clock in seconds. */
function library(conf: Record<string, unknown>) {
  const time = { now: 0 };
  const sessions = createSessions({
    secretKey: "expiry",
    engine: cache("memory:"),
    djangoDefaults: true,
    clock: () => time.now * 1000,
    log: () => {},
    ...(typeof conf["SESSION_COOKIE_AGE"] === "number" ? { cookieAge: conf["SESSION_COOKIE_AGE"] } : {}),
    ...(conf["SESSION_EXPIRE_AT_BROWSER_CLOSE"] === true ? { expireAtBrowserClose: true } : {}),
    ...(conf["USE_TZ"] === false ? { useTz: false } : {}),
    ...(typeof conf["TIME_ZONE"] === "string" ? { timeZone: conf["TIME_ZONE"] } : {}),
  });
  return { sessions, time };
}

/** A vector's value as our `setExpiry` accepts it. */
function toExpiry(value: unknown, sessions: Sessions): number | string | null {
  if (typeof value === "boolean") return value as unknown as number; // JSON has booleans, and Django accepts them
  if (typeof value !== "object" || value === null) return value as number | string | null;
  if ("$float" in value) return Number(value.$float);
  if ("$datetime" in value) return String(value.$datetime);
  const seconds = Number((value as { $timedelta_seconds: number }).$timedelta_seconds);
  const { useTz, timeZone } = sessions.settings;
  return toIso(toMoment(sessions.clock() + seconds * 1000, useTz ? null : timeZone));
}

/** A result, or the name of the error that Python raises there. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (isSessionError(error, "expiry")) return { $raises: "ValueError" };
    if (isSessionError(error, "expiry-zone")) return { $raises: "TypeError" };
    throw error;
  }
}

/** Exact, with offset and microseconds; the public Date has only milliseconds. */
function dateOf(session: Session, sessions: Sessions, modificationMs = sessions.clock()): unknown {
  return attempt(() => {
    const moment = expiryMoment(session.get(EXPIRY_KEY), modificationMs, sessions.settings);
    if (moment.offsetMinutes !== null) {
      expect(session.getExpiryDate({ modification: new Date(modificationMs) }).getTime()).toBe(
        Math.trunc(moment.wallUs / 1000 - moment.offsetMinutes * 60_000),
      );
    }
    return { $datetime: toIso(moment) };
  });
}

async function cookieOf(value: unknown, conf: Record<string, unknown>, wait: number): Promise<unknown> {
  const { sessions, time } = library(conf);
  time.now = setAt;
  const request = { method: "GET", path: "/", cookieHeader: undefined, identity: {} };
  const opened = await openSession(sessions, request);
  opened.session.set("user_id", 1);
  if (value !== "unset") opened.session.setExpiry(toExpiry(value, sessions));
  time.now = setAt + wait;
  try {
    const { setCookie } = await opened.close({ status: 200, vary: null, setCookie: [] });
    const line = setCookie?.[0] ?? "";
    const maxAge = /Max-Age=(-?\d+)/.exec(line)?.[1];
    return {
      max_age: maxAge === undefined ? null : Number(maxAge),
      expires: /expires=([^;]+)/.exec(line)?.[1] ?? null,
    };
  } catch (error) {
    return attempt(() => {
      throw error;
    });
  }
}

describe("each form of expiry gives Django's stored value, age, datetime and cookie", () => {
  it.each(table.cases)("$id", async (one) => {
    const conf = confs[String(one["conf"])] ?? {};
    const value = values[String(one["value"])];
    const { sessions, time } = library(conf);
    time.now = setAt;
    const session = sessions.open();
    if (value !== "unset") session.setExpiry(toExpiry(value, sessions));
    const json = JSON.stringify(session.toJSON());
    const { modified } = session;
    time.now = setAt + Number(one["wait"]);
    const actual = {
      stored: session.get(EXPIRY_KEY, null),
      json,
      modified,
      age: attempt(() => session.getExpiryAge()),
      date: dateOf(session, sessions),
      browser_close: session.getExpireAtBrowserClose(),
      cookie: await cookieOf(value, conf, Number(one["wait"])),
    };
    const names = ["stored", "json", "modified", "age", "date", "browser_close", "cookie"];
    expectFields("expiry_table", one.id, actual, expectedOf(one, names));
  });
});

/** Python's `True` is a 1, and a float that looks like an integer is written as one by JavaScript. */
function expectedOf(one: Case, names: readonly string[]): Record<string, unknown> {
  const entries = names
    .filter((name) => name in one)
    .map((name): [string, unknown] => {
      const value = one[name];
      if (name === "age" && typeof value === "boolean") return [name, Number(value)];
      if (name === "json") return [name, String(value).replace(/:(-?\d+)\.0}/, ":$1}")];
      return [name, toPlain(value)];
    });
  return Object.fromEntries(entries);
}

function toPlain(value: unknown): unknown {
  return typeof value === "object" && value !== null && "$float" in value ? Number(value.$float) : value;
}

describe("an age and a datetime can be computed from another modification and another expiry", () => {
  it.each(kwargs.cases)("$id", (one) => {
    const { sessions, time } = library({});
    time.now = Number(one["now"]);
    const session = sessions.open();
    if (one["stored_expiry"] !== "unset") session.setExpiry(one["stored_expiry"] as number);
    session.accessed = false;
    const given = one["kwargs"] as { modification?: { $datetime: string }; expiry?: unknown };
    const question = {
      ...(given.modification ? { modification: new Date(given.modification.$datetime) } : {}),
      ...("expiry" in given ? { expiry: toExpiry(given.expiry, sessions) } : {}),
    };
    const age = session.getExpiryAge(question);
    const date = session.getExpiryDate(question).getTime();
    const expected = one["date"] as { $datetime: string };
    expect({ age, date, accessed: session.accessed }).toEqual({
      age: one["age"],
      date: new Date(expected.$datetime.replace(/(\.\d{3})\d+/, "$1")).getTime(),
      accessed: one["accessed"],
    });
  });
});

describe("the last of several expiries counts", () => {
  it.each(sequences.cases)("$id", (one) => {
    const { sessions, time } = library({});
    time.now = Number(one["start"]);
    const session = sessions.open();
    for (const step of one["steps"] as Case[]) {
      time.now = Number(step["t"]);
      session.modified = false;
      session.accessed = false;
      session.setExpiry(toExpiry(step["set_expiry"], sessions));
      const { modified, accessed } = session;
      const actual = {
        modified,
        accessed,
        stored: session.get(EXPIRY_KEY, null),
        age: session.getExpiryAge(),
        date: dateOf(session, sessions),
        browser_close: session.getExpireAtBrowserClose(),
      };
      expect(actual).toEqual(expectedOf(step, Object.keys(actual)));
    }
  });
});

describe("a Date is written as Django writes its datetimes", () => {
  it.each([
    ["2026-11-23T03:00:00.000Z", "2026-11-23T03:00:00+00:00"],
    ["2026-11-23T03:00:00.120Z", "2026-11-23T03:00:00.120000+00:00"],
  ])("%s as %s", (given, stored) => {
    const session = library({}).sessions.open();
    session.setExpiry(new Date(given));
    expect(session.get(EXPIRY_KEY)).toBe(stored);
  });

  it("in local time without an offset if USE_TZ is off", () => {
    const session = library({ USE_TZ: false, TIME_ZONE: "America/Chicago" }).sessions.open();
    session.setExpiry(new Date("2026-11-23T03:00:00Z"));
    expect(session.get(EXPIRY_KEY)).toBe("2026-11-22T21:00:00");
  });
});
