/** A logout wins: whatever happens in the store at the same time, the session is gone and its cookie is deleted. */
import { cache, type Engine, memory } from "session-bridge";
import { expect, it } from "vitest";
import { elsewhere } from "../engines/again.ts";
import { library } from "../library.ts";

/** Lets `before` run once, ahead of the engine's next move of a session to a new key. */
function whenMoved(engine: Engine, before: (oldKey: string) => Promise<unknown>): void {
  const rename = engine.rename?.bind(engine);
  if (rename === undefined) throw new Error("the engine moves no session");
  let isFirst = true;
  engine.rename = async (key, text, end, oldKey, expected) => {
    if (isFirst) await before(oldKey);
    isFirst = false;
    return rename(key, text, end, oldKey, expected);
  };
}

it("is not undone by a cycleKey that retries because of another request's save", async () => {
  const engine = cache(memory());
  const { stored, request } = library({ engine });
  const cookie = await stored({ user_id: 123 });
  whenMoved(engine, async (oldKey) => {
    const other = library({ engine: elsewhere(engine) }).sessions.open(oldKey); // in another process
    other.set("cart", 1);
    await other.save();
  });
  const ended = await request(
    async (session) => {
      session.set("role", "admin");
      const cycled = session.cycleKey();
      await Promise.resolve();
      const flushed = session.flush();
      await cycled;
      await flushed;
      expect(session.sessionKey).toBeNull();
    },
    { cookie, status: 302 },
  );
  expect(ended.instead).toBeNull();
  expect(ended.line).toMatch(/^sessionid=""; expires=Thu, 01 Jan 1970/);
});
