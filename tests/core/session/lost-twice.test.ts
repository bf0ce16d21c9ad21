/** Two answers lost in a row, a flush in between, and a session that was deleted while it got a new key. */
import { describe, expect, it } from "vitest";
import { ENGINES, keyIn, type Loss, lossy } from "./lossy-store.ts";

describe.each(ENGINES)("on %s, when two answers are lost", (_name, make) => {
  it.each<Loss>(["after", "before"])(
    "to the first save of a session and, %s it was stored, to the second: the third leaves one session",
    async (loss) => {
      const { sessions, losses, contents } = await lossy(make);
      const session = sessions.open();
      session.set("a", 1);
      losses.create = ["after"];
      await expect(session.save()).rejects.toThrow("the connection was closed");
      session.set("b", 1);
      losses.update = [loss];
      await expect(session.save()).rejects.toThrow("the connection was closed");
      expect(session.sessionKey, "its first write was found").not.toBeNull();
      session.set("c", 1);
      await session.save();
      expect(await contents()).toEqual({ [session.sessionKey ?? ""]: { a: 1, b: 1, c: 1 } });
    },
  );

  it("to cycleKey, and a flush comes during the next save: nothing is left, and the key does not come back", async () => {
    const { sessions, stored, losses, contents } = await lossy(make);
    const session = sessions.open(keyIn(await stored({ user_id: 1 })));
    await session.load();
    losses.rename = ["after"];
    losses.delete = ["after"]; // of a store that moves in two steps
    await expect(session.cycleKey()).rejects.toThrow("the connection was closed");
    losses.delete = [];
    session.set("b", 1);
    const saving = session.save().catch((error: unknown) => error);
    await Promise.resolve();
    await session.flush();
    expect(await saving).toMatchObject({ code: "session-gone" });
    expect(session.sessionKey).toBeNull();
    expect(await contents()).toEqual({});
  });
});

describe.each(ENGINES)("on %s, cycleKey() of a session that another request has deleted", (_name, make) => {
  it("stores it under the new key all the same, as Django does", async () => {
    const { sessions, stored, contents } = await lossy(make);
    const cookie = await stored({ n: 1 });
    const [session, other] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    await session.load();
    await other.flush();
    await session.cycleKey();
    expect(session.sessionKey).not.toBe(keyIn(cookie));
    expect(await contents()).toEqual({ [session.sessionKey ?? ""]: { n: 1 } });
  });
});
