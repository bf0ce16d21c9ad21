/** The record that both libraries go on with: its expiry and its age, in a store that is shared with express-session. */
import type { Store } from "express-session";
import { createSessions, fromExpressStore } from "session-bridge";
import { describe, expect, it } from "vitest";
import { MemoryStore } from "./moving-apps.ts";

const secret = "a secret of the old app";

describe("the record in the store", () => {
  const minute = { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 };

  /** A store that notes its writes. */
  class NotingStore extends MemoryStore {
    readonly writes: string[] = [];
    override set(...given: Parameters<Store["set"]>): void {
      this.writes.push("set");
      super.set(...given);
    }
    override touch(...given: Parameters<Store["touch"]>): void {
      this.writes.push("touch");
      super.touch(...given);
    }
  }

  function open(store: Store, settings = {}) {
    const engine = fromExpressStore(store, { secret });
    return { engine, sessions: createSessions({ secretKey: "any", engine, ...settings }) };
  }

  it("is not written again for an expiry that moves, so nothing is overwritten by that", async () => {
    const store = new NotingStore();
    const { engine } = open(store, { cookieAge: 60 });
    await engine.create("abcdefgh", '{"n":1}', minute);
    const later = { expiresAtMs: Date.now() + 120_000, ageSeconds: 120 };
    expect(await engine.update("abcdefgh", '{"n":1}', later, '{"n":1}')).toBe("saved");
    expect(await engine.load("abcdefgh")).toMatchObject({ expiresAtMs: later.expiresAtMs });
    expect(store.writes).toEqual(["set", "touch"]);
    const untouchable = new NotingStore();
    Object.defineProperty(untouchable, "touch", { value: undefined });
    const { engine: other } = open(untouchable, { cookieAge: 60 });
    await other.create("abcdefgh", '{"n":1}', minute);
    await other.update("abcdefgh", '{"n":1}', later, '{"n":1}');
    expect(untouchable.writes).toEqual(["set", "set"]);
  });

  it("is written again if a panel moves the expiry", async () => {
    const store = new NotingStore();
    const { engine } = open(store, { cookieAge: 60 });
    await engine.create("abcdefgh", '{"n":1}', minute);
    store.touch = (_id, _session, answer) => answer?.(); // as connect-redis, which keeps the old date
    const soon = { expiresAtMs: Date.now() + 5000, ageSeconds: 5 };
    expect(await engine.update("abcdefgh", '{"n":1}', soon, '{"n":1}')).toBe("saved");
    expect(await engine.retime?.("abcdefgh", soon.expiresAtMs, '{"n":1}')).toBe("saved");
    expect(await engine.load("abcdefgh")).toEqual({ text: '{"n":1}', expiresAtMs: soon.expiresAtMs });
  });

  it('keeps the record\'s Secure with cookieSecure: "auto", also under a new key', async () => {
    const store = new NotingStore();
    const { engine, sessions } = open(store, { cookieSecure: "auto" });
    const secureOf = (key: string | null) => JSON.parse(store.sessions[String(key)] ?? "").cookie.secure;
    for (const secure of [true, false]) {
      const cookie = { originalMaxAge: null, secure };
      store.sessions["abcdefgh"] = JSON.stringify({ n: 1, cookie }); // as express-session writes it
      const mine = sessions.open("abcdefgh");
      await mine.load();
      mine.set("n", 2);
      await mine.save();
      expect(secureOf("abcdefgh")).toBe(secure);
      const later = { expiresAtMs: Date.now() + 120_000, ageSeconds: 120 };
      await engine.update("abcdefgh", '{"n":2}', later, '{"n":2}');
      expect(secureOf("abcdefgh")).toBe(secure);
      await mine.cycleKey();
      await mine.save();
      expect(secureOf(mine.sessionKey)).toBe(secure);
    }
  });

  it("keeps a date of expiry, which express-session knows nothing about", async () => {
    const store = new MemoryStore();
    let now = Date.now();
    const { sessions } = open(store, { clock: () => now });
    const mine = sessions.open();
    mine.setExpiry(new Date(now + 60_000));
    await mine.save();
    const key = mine.sessionKey ?? "";
    const record = JSON.parse(store.sessions[key] ?? "");
    record.cookie.expires = new Date(now + 600_000); // as the old app prolongs it
    store.sessions[key] = JSON.stringify(record);
    const load = async () => {
      const again = sessions.open(key);
      await again.load();
      return again.keys();
    };
    expect(await load()).toEqual(["_session_expiry"]);
    now += 60_000;
    expect(await load()).toEqual([]);
  });

  it("has the age of the settings without `_session_expiry`, also when express-session has lost milliseconds", async () => {
    const store = new MemoryStore();
    const { sessions } = open(store, { cookieAge: 60 });
    const keysFor = async (originalMaxAge: unknown) => {
      store.sessions["abcdefgh"] = JSON.stringify({ n: 1, cookie: { originalMaxAge } });
      const mine = sessions.open("abcdefgh");
      await mine.load();
      return [mine.get("_session_expiry"), mine.getExpiryAge()];
    };
    expect(await keysFor(60_000)).toEqual([undefined, 60]);
    expect(await keysFor(59_993)).toEqual([undefined, 60]);
    expect(await keysFor(undefined)).toEqual([undefined, 60]);
    expect(await keysFor(119_993)).toEqual([120, 120]);
    expect(await keysFor(0)).toEqual([1, 1]);
    expect(await keysFor(null)).toEqual([0, 60]);
  });
});
