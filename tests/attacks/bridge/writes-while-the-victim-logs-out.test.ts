/**
 * Attacker: someone who has copied the victim's cookie. Holds: a proof that was valid when the call began. Wants: the session back, or
 * the next one, with a write that is pending while the victim logs out.
 */
import { cache, database, type Engine, memory } from "session-bridge";
import { expect, it } from "vitest";
import { call, readSession, type Visitor } from "../../bridge/site.ts";
import { openScene } from "../kit/scene.ts";

/** An engine that lets the victim log out right before it writes. */
function interrupted(engine: Engine, hold: { logOut: (() => Promise<unknown>) | null }): Engine {
  return new Proxy(engine, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (!["update", "rename", "create", "delete"].includes(String(name))) return value.bind(target);
      return async (...parts: unknown[]) => {
        const { logOut } = hold;
        hold.logOut = null;
        await logOut?.();
        return Reflect.apply(value, target, parts);
      };
    },
  });
}

/** Calls that write, and what each gets in addition to cookie and version. */
const WRITES = {
  edit: { operations: [{ op: "set", path: ["note"], valueJson: '"changed"' }] },
  expiry: { change: { kind: "seconds", seconds: 900 } },
  cycle: {},
  flush: {},
};

const ENGINES: Record<string, () => Engine> = {
  SQLite: () => database("sqlite::memory:"),
  memory: () => cache(memory()),
};

for (const [name, make] of Object.entries(ENGINES)) {
  it.each(Object.entries(WRITES))(
    `%s restores no session that was ended meanwhile, in ${name}`,
    async (write, more) => {
      const hold: { logOut: (() => Promise<unknown>) | null } = { logOut: null };
      const { site, victim, attacker } = await openScene({ engine: interrupted(make(), hold) });
      const attempt = async ({ cookie }: Visitor, logOut: (() => Promise<unknown>) | null) => {
        const { version } = await readSession(site, cookie);
        hold.logOut = logOut;
        return call(site, write, { cookie, ifVersion: version, ...more });
      };
      const ended = victim.cookie;
      const late = await attempt(victim, () => victim.visit("/logout", "POST"));
      const given = late.json.cookie ?? ended;
      if (write !== "flush") expect(late.json).toMatchObject({ code: "gone" });
      for (const key of [ended, given]) {
        expect((await call(site, "session", { cookie: key })).json.found).toBe(false);
        expect(await site.sessions.engine.exists(key)).toBe(false);
      }
      expect((await attempt(attacker, null)).status).toBe(200);
    },
  );
}
