/** What holds for session tables of any name. */
import { createSessions, type Engine, type Sessions } from "session-bridge";
import { expect } from "vitest";

/** Sessions on an engine. */
export function on(engine: Engine): Sessions {
  return createSessions({ secretKey: "a secret", engine, log: () => {} });
}

/** Saves a session, changes it, gives it a new key, and loads it again. */
export async function live(sessions: Sessions): Promise<string> {
  const session = sessions.open();
  session.set("n", 1);
  await session.save();
  session.set("n", 2);
  await session.save();
  await session.load();
  await session.cycleKey();
  const again = sessions.open(session.sessionKey);
  await again.load();
  expect(again.get("n")).toBe(2);
  return session.sessionKey ?? "";
}

/** Creates both tables; a session in one of them is not in the other one. Closes both. */
export async function expectApart(one: Sessions, other: Sessions): Promise<void> {
  await one.migrate();
  await other.migrate();
  const key = await live(one);
  expect([await one.engine.exists(key), await other.engine.exists(key)]).toEqual([true, false]);
  await Promise.all([one.close(), other.close()]);
}
