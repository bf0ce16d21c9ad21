/** What a visitor and an observer learn when a session ended, or became another user's, during the request. */
import { database, type ObservedOperation } from "session-bridge";
import { describe, expect, it } from "vitest";
import { type AnySession, library } from "../library.ts";

const keyIn = (cookie: string) => cookie.slice(cookie.indexOf("=") + 1);

describe("a request that wanted to write", () => {
  it.each<[string, RegExp, string, (other: AnySession) => Promise<void>]>([
    [
      "after someone logged in",
      /^Someone logged in or out .* Load the page again\.\n$/,
      "another user meanwhile",
      (other) => {
        other.set("user_id", 7);
        return other.save();
      },
    ],
    [
      "after the session was deleted",
      /^The session was deleted/,
      "deleted meanwhile",
      (other) => other.flush(),
    ],
  ])("%s is answered with what happened", async (_, body, reason, meanwhile) => {
    const { sessions, stored, request, read } = library();
    const cookie = await stored({ cart: [] });
    const told: [ObservedOperation, string | undefined][] = [];
    const ignore = { loaded() {}, wrote() {}, late() {}, ended() {} };
    const operation = (name: ObservedOperation, _ms: number, why?: string) => void told.push([name, why]);
    const handle = async (session: AnySession) => {
      session.set("cart", ["boots"]);
      const other = sessions.open(keyIn(cookie));
      await other.load();
      await meanwhile(other);
    };
    const stop = sessions.observe({ opened: () => ({ ...ignore, operation }) });
    const { instead, line } = await request(handle, { cookie });
    stop();
    expect(instead).toEqual({ status: 400, body: expect.stringMatching(body) });
    expect(line).toBeNull();
    expect(told.at(-1)).toEqual(["reject", reason]);
    expect(await read(cookie)).not.toHaveProperty("cart", ["boots"]);
  });
});

describe("save", () => {
  it("of a deleted session leaves accessed as Django does: the cache engine asks the store before it looks at the data", async () => {
    for (const [engine, isAccessed] of [
      [undefined, false],
      [database("sqlite::memory:"), true],
    ] as const) {
      const { sessions, stored } = library(engine === undefined ? {} : { engine });
      await sessions.migrate();
      const cookie = await stored({ a: 1 });
      const session = sessions.open(keyIn(cookie));
      await session.load();
      session.set("a", 2);
      await sessions.open(keyIn(cookie)).flush();
      session.accessed = false;
      await expect(session.save()).rejects.toMatchObject({ code: "session-gone" });
      expect(session.accessed).toBe(isAccessed);
    }
  });

  it("of a session that is there has looked at the data", async () => {
    const { sessions, stored } = library();
    const session = sessions.open(keyIn(await stored({ a: 1 })));
    session.set("a", 2);
    session.accessed = false;
    await session.save();
    expect(session.accessed).toBe(true);
  });
});
