/** Cookies of one name that cannot be told apart at once, too many, or old: what a logout and a mere read do then. */

import { fromExpressStore, signedCookies } from "session-bridge";
import { expect, it, vi } from "vitest";
import { asyncEngine } from "../../adapters/stores.ts";
import { MemoryStore } from "../engines/moving-apps.ts";
import { library } from "../library.ts";

/** An engine that cannot be reached for the next loads. */
function flaky() {
  const engine = asyncEngine();
  const state = { failures: 0 };
  const load = engine.load;
  engine.load = async (key) => {
    if (state.failures > 0) {
      state.failures -= 1;
      throw new Error("the store is away");
    }
    return load(key);
  };
  return { engine, state };
}

it.each([
  ["flush", (session: { flush(): Promise<void> }) => session.flush()],
  ["regenerate", (session: { regenerate(): Promise<void> }) => session.regenerate()],
])("%s ends the session if the store could not say before which cookie it is", async (_, end) => {
  const { engine, state } = flaky();
  const { stored, request, read } = library({ engine });
  const cookie = await stored({ user_id: 123 });
  state.failures = 1;
  await request((session) => end(session), { cookie: `sessionid=leftover00; ${cookie}` });
  expect(await read(cookie)).toEqual({});
});

it("a logout fails if the store still cannot say it", async () => {
  const { engine, state } = flaky();
  const { stored, request, read } = library({ engine });
  const cookie = await stored({ user_id: 123 });
  state.failures = 2;
  const logout = request((session) => session.flush(), { cookie: `sessionid=leftover00; ${cookie}` });
  await expect(logout).rejects.toThrow("the store is away");
  expect(await read(cookie)).toEqual({ user_id: 123 });
});

it("the signatures of at most sixteen cookies are checked, however many a request carries", async () => {
  const engine = fromExpressStore(new MemoryStore(), { secret: "a secret" });
  const { request } = library({ engine });
  const read = vi.spyOn(engine.cookie as NonNullable<typeof engine.cookie>, "read");
  const cookie = Array.from({ length: 200 }, (_, at) => `sessionid=s:planted${at}.x`).join("; ");
  await request((session) => session.load(), { cookie });
  expect(read.mock.calls.length).toBe(16);
});

it.each(["%3A", ":"])(
  "reading a signed cookie that is too old sends none: its colons as %s",
  async (colon) => {
    const { time, stored, request } = library({ engine: signedCookies(), cookieAge: 60 });
    const cookie = (await stored({ user_id: 123 })).replaceAll(":", colon);
    const seen = await request((session) => session.get("user_id"), { cookie });
    expect([seen.session.get("user_id"), seen.line]).toEqual([123, null]);
    time.now += 61_000;
    expect((await request((session) => session.get("user_id"), { cookie })).line).toBeNull();
  },
);

it("a function as cookieSameSite is asked only for a cookie that is written", async () => {
  const cookieSameSite = vi.fn(() => "Lax" as const);
  const settings = { cookieAge: 60, saveEveryRequest: true, touchAfter: 30, cookieSameSite };
  const { time, stored, request } = library(settings);
  const cookie = await stored({ user_id: 123 });
  expect(cookieSameSite).toHaveBeenCalledTimes(1);
  await request(() => {}, { cookie });
  expect(cookieSameSite).toHaveBeenCalledTimes(1);
  time.now += 31_000;
  expect((await request(() => {}, { cookie })).line).not.toBeNull();
  expect(cookieSameSite).toHaveBeenCalledTimes(2);
});
