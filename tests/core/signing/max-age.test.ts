/**
 * Until when a signed string is valid, to the second and its fractions, compared with real Django. The vectors were made by
 * `vectors/make-max-age.py`.
 */
import { readFileSync } from "node:fs";
import { createSessions, signedCookies } from "session-bridge";
import { loads, loadsJson } from "session-bridge/signing";
import { describe, expect, it } from "vitest";

interface Case {
  max_age: number;
  /** Seconds since 1970. */
  read_at: number;
  /** By signing.dumps. */
  text: string;
  /** A session of the engine signed_cookies with SESSION_COOKIE_AGE of `max_age`. */
  cookie: string;
  /** Whether signing.loads accepts `text`. */
  loads: boolean;
  /** Whether a request has the session of `cookie`; absent if it was not tried. */
  session?: boolean;
}

const { secret_key: secretKey, cases } = JSON.parse(
  readFileSync(new URL("./vectors/max-age.json", import.meta.url), "utf8"),
) as { secret_key: string; cases: Case[] };

describe("a signed string is accepted exactly as long as Django accepts it", () => {
  it.each(cases)(
    "by loads, with max_age $max_age at $read_at: $loads",
    ({ text, max_age, read_at, loads: valid }) => {
      const options = { secretKey, maxAge: max_age, clock: () => read_at * 1000 };
      expect(loads(text, options)).toEqual(valid ? { user_id: 7 } : undefined);
      expect(loadsJson(text, options)).toBe(valid ? '{"user_id":7}' : undefined);
    },
  );

  it.each(cases.filter(({ session }) => session !== undefined))(
    "as a session in a cookie, with SESSION_COOKIE_AGE $max_age at $read_at: $session",
    async ({ cookie, max_age, read_at, session: valid }) => {
      const sessions = createSessions({
        secretKey,
        engine: signedCookies(),
        cookieAge: max_age,
        clock: () => read_at * 1000,
        log: () => {},
      });
      const session = sessions.open(cookie);
      await session.load();
      expect(session.get("user_id")).toBe(valid ? 7 : undefined);
    },
  );

  it("has cases on both sides of the exact second", () => {
    for (const field of ["loads", "session"] as const) {
      for (const late of [-0.25, 0]) expect(of(field, late), `${field} ${late}`).toEqual([true]);
      for (const late of [0.001, 0.25]) expect(of(field, late), `${field} ${late}`).toEqual([false]);
    }
  });
});

/** What Django said that many seconds after the end. */
function of(field: "loads" | "session", late: number): unknown[] {
  const signedAt = Math.min(...cases.map(({ read_at, max_age }) => read_at - max_age)) + 2;
  const found = cases.filter(({ read_at, max_age }) => Math.abs(read_at - signedAt - max_age - late) < 1e-4);
  return [...new Set(found.flatMap((one) => one[field] ?? []))];
}
