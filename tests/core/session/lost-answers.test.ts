/**
 * Writes whose answer is lost: the store does them and then fails, or does half of them, or nothing. After another try,
 * nothing is there twice, nothing is missing, and there is no session under a key that no one knows.
 */
import { describe, expect, it } from "vitest";
import { elsewhere } from "../engines/again.ts";
import { type AnyData, type AnySession, library } from "../library.ts";
import { ENGINES, inTwoSteps, keyIn, type Loss, lossy, type Method } from "./lossy-store.ts";

describe.each(ENGINES)("on %s, when the answer is lost", (_name, make) => {
  const LOSSES: Loss[] = ["after", "before"];

  for (const loss of LOSSES) {
    const when = loss === "after" ? "after the store has written" : "and the store wrote nothing";

    it(`to a save, ${when}: another save stores each change once`, async () => {
      const { sessions, stored, losses, contents } = await lossy(make);
      const cookie = await stored({ n: 1, list: [1], gone: 1 });
      const session = sessions.open(keyIn(cookie));
      await session.load();
      session.change("n", (n) => Number(n) + 1);
      (session.get("list") as number[]).push(2);
      session.delete("gone");
      losses.update = [loss];
      await expect(session.save()).rejects.toThrow("the connection was closed");
      session.change("n", (n) => Number(n) + 10);
      (session.get("list") as number[]).push(3);
      await session.save();
      expect(await contents()).toEqual({ [keyIn(cookie)]: { n: 12, list: [1, 2, 3] } });
    });

    it(`to a save, ${when}: the response stores what is left to store`, async () => {
      const { stored, request, losses, contents } = await lossy(make);
      const cookie = await stored({ n: 1, gone: 1 });
      const handle = async (session: AnySession) => {
        session.change("n", (n) => Number(n) + 1);
        session.delete("gone");
        losses.update = [loss];
        await session.save().catch(() => {});
      };
      await request(handle, { cookie });
      expect(await contents()).toEqual({ [keyIn(cookie)]: { n: 2 } });
    });

    it(`to a save, ${when}, and another request saves: both changes are there, each once`, async () => {
      const { sessions, stored, losses, contents } = await lossy(make);
      const cookie = await stored({ n: 1, list: [1] });
      const [session, other] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
      await session.load();
      session.change("n", (n) => Number(n) + 1);
      (session.get("list") as number[]).push(2);
      losses.update = [loss];
      await expect(session.save()).rejects.toThrow("the connection was closed");
      await other.load();
      other.set("other", true);
      (other.get("list") as number[]).push(9);
      await other.save();
      await session.save();
      const list = loss === "after" ? [1, 2, 9] : [1, 9, 2];
      expect(await contents()).toEqual({ [keyIn(cookie)]: { n: 2, list, other: true } });
    });

    it(`to two saves, ${when}: the third stores each change once`, async () => {
      const { sessions, stored, losses, contents } = await lossy(make);
      const cookie = await stored({ n: 1 });
      const session = sessions.open(keyIn(cookie));
      await session.load();
      losses.update = [loss, loss];
      for (let tries = 0; tries < 2; tries++) {
        session.change("n", (n) => Number(n) + 1);
        await expect(session.save()).rejects.toThrow("the connection was closed");
      }
      session.change("n", (n) => Number(n) + 1);
      await session.save();
      expect(await contents()).toEqual({ [keyIn(cookie)]: { n: 4 } });
    });

    it(`to the first save of a session, ${when}: another save stores it once, with later changes`, async () => {
      const { sessions, losses, contents } = await lossy(make);
      const session = sessions.open();
      session.set("a", 1);
      losses.create = [loss];
      await expect(session.save()).rejects.toThrow("the connection was closed");
      expect(session.sessionKey).toBeNull();
      session.set("b", 1);
      await session.save();
      expect(await contents()).toEqual({ [session.sessionKey ?? ""]: { a: 1, b: 1 } });
    });

    it(`to the first save of a session, ${when}: the response stores it once`, async () => {
      const { request, losses, contents } = await lossy(make);
      const { cookie } = await request(async (session) => {
        session.set("a", 1);
        losses.create = [loss];
        await session.save().catch(() => {});
      });
      expect(await contents()).toEqual({ [keyIn(cookie)]: { a: 1 } });
    });

    it(`to the first save of a session, ${when}: a flush leaves nothing`, async () => {
      const { sessions, losses, contents } = await lossy(make);
      const session = sessions.open();
      session.set("a", 1);
      losses.create = [loss];
      await expect(session.save()).rejects.toThrow("the connection was closed");
      await session.flush();
      expect(await contents()).toEqual({});
    });

    it(`to save({ mustCreate: true }), ${when}: another one stores it`, async () => {
      const { sessions, losses, contents } = await lossy(make);
      const key = "k".repeat(32);
      const session = sessions.open(key);
      session.clear();
      session.set("a", 1);
      losses.create = [loss];
      await expect(session.save({ mustCreate: true })).rejects.toThrow("the connection was closed");
      await session.save({ mustCreate: true });
      expect(await contents()).toEqual({ [key]: { a: 1 } });
      const other = sessions.open(key);
      other.clear();
      await expect(other.save({ mustCreate: true })).rejects.toThrow("already stored");
    });

    it(`to a flush, ${when}: another flush deletes the session, and so does the next save`, async () => {
      for (const again of ["flush", "save"] as const) {
        const { sessions, stored, losses, contents } = await lossy(make);
        const session = sessions.open(keyIn(await stored({ user_id: 1 })));
        losses.delete = [loss];
        await expect(session.flush()).rejects.toThrow("the connection was closed");
        session.set("guest", true);
        await session[again]();
        expect(Object.values(await contents())).toEqual(again === "flush" ? [] : [{ guest: true }]);
      }
    });
  }
});

describe.each(ENGINES)("on %s, after an answer that was lost", (_name, make) => {
  it("to a save, cycleKey moves the session all the same", async () => {
    const { sessions, stored, losses, contents } = await lossy(make);
    const old = keyIn(await stored({ cart: ["before"] }));
    const session = sessions.open(old);
    await session.load();
    (session.get("cart") as string[]).push("tea");
    losses.update = ["after"];
    await expect(session.save()).rejects.toThrow("the connection was closed");
    await session.cycleKey();
    expect(session.sessionKey).not.toBe(old);
    expect(await contents()).toEqual({ [session.sessionKey ?? ""]: { cart: ["before", "tea"] } });
  });

  it("to a save, and a second save that never arrived, the third stores what the second had changed", async () => {
    const { sessions, stored, losses, contents } = await lossy(make);
    const key = keyIn(await stored({ cart: [] }));
    const [session, other] = [sessions.open(key), sessions.open(key)];
    await session.load();
    (session.get("cart") as string[]).push("tea");
    session.set("step", 1);
    losses.update = ["after"];
    await expect(session.save()).rejects.toThrow("the connection was closed");
    session.set("step", 2);
    losses.update = ["before"];
    await expect(session.save()).rejects.toThrow("the connection was closed");
    await other.load();
    other.set("other", true);
    await other.save();
    await session.save();
    expect(await contents()).toEqual({ [key]: { cart: ["tea"], step: 2, other: true } });
  });
});

describe.each(ENGINES)("on %s, when the answer to cycleKey is lost", (_name, make) => {
  /** How each store moves a session, and what may be lost of that. */
  const losses: [string, Partial<Record<Method, Loss[]>>][] =
    make === inTwoSteps
      ? [
          ["after the first step", { create: ["after"] }],
          ["before the second step", { delete: ["before"] }],
          ["after the second step", { delete: ["after"] }],
        ]
      : [
          ["after the store has written", { rename: ["after"] }],
          ["and the store wrote nothing", { rename: ["before"] }],
        ];

  it.each(losses)("%s, another cycleKey leaves one session, with all changes", async (_when, lost) => {
    const { sessions, stored, losses: losing, contents } = await lossy(make);
    const old = keyIn(await stored({ n: 1 }));
    const session = sessions.open(old);
    await session.load();
    session.change("n", (n) => Number(n) + 1);
    Object.assign(losing, structuredClone(lost));
    await expect(session.cycleKey()).rejects.toThrow("the connection was closed");
    session.change("n", (n) => Number(n) + 10);
    await session.cycleKey();
    await session.save();
    expect(session.sessionKey).not.toBe(old);
    expect(await contents()).toEqual({ [session.sessionKey ?? ""]: { n: 12 } });
  });

  it.each(losses)("%s, a save leaves one session, with all changes", async (_when, lost) => {
    const { sessions, stored, losses: losing, contents } = await lossy(make);
    const session = sessions.open(keyIn(await stored({ n: 1 })));
    await session.load();
    session.change("n", (n) => Number(n) + 1);
    Object.assign(losing, structuredClone(lost));
    await expect(session.cycleKey()).rejects.toThrow("the connection was closed");
    session.change("n", (n) => Number(n) + 10);
    await session.save();
    expect(await contents()).toEqual({ [session.sessionKey ?? ""]: { n: 12 } });
  });

  it.each(losses)("%s, the response gives the key under which the session is", async (_when, lost) => {
    const { stored, request, losses: losing, contents } = await lossy(make);
    const cookie = await stored({ cart: [1] });
    Object.assign(losing, structuredClone(lost));
    const handle = async (session: AnySession) => {
      const cycled = session.cycleKey();
      session.set("user_id", 123);
      await cycled.catch(() => {});
    };
    const ended = await request(handle, { cookie });
    expect(await contents()).toEqual({ [keyIn(ended.cookie)]: { cart: [1], user_id: 123 } });
  });

  it.each(losses)("%s, a flush leaves nothing", async (_when, lost) => {
    const { sessions, stored, losses: losing, contents } = await lossy(make);
    const session = sessions.open(keyIn(await stored({ n: 1 })));
    await session.load();
    Object.assign(losing, structuredClone(lost));
    await expect(session.cycleKey()).rejects.toThrow("the connection was closed");
    await session.flush();
    expect(await contents()).toEqual({});
  });
});

describe.each(ENGINES)("on %s, cycleKey() and a change in one turn", (_name, make) => {
  it("keep the change if a save is still running", async () => {
    const { stored, request, contents } = await lossy(make);
    const cookie = await stored({ user: 1 });
    const handle = (session: AnySession) => {
      session.set("first", 1);
      void session.save();
      void session.cycleKey();
      session.set("k", 1);
    };
    const ended = await request(handle, { cookie, status: 302 });
    expect(await contents()).toEqual({ [keyIn(ended.cookie)]: { user: 1, first: 1, k: 1 } });
  });

  it("keep the change if another request saves before the session moves", async () => {
    const { engine, stored, request, contents } = await lossy(make);
    const cookie = await stored({ user: 1 });
    const handle = async (session: AnySession) => {
      session.get("user");
      const other = library({ engine: elsewhere(engine) }).sessions.open(keyIn(cookie));
      await other.load();
      other.set("other", 1);
      await other.save();
      void session.cycleKey();
      session.set("k", 1);
    };
    const ended = await request(handle, { cookie, status: 302 });
    const kept = make === inTwoSteps ? { user: 1, k: 1 } : { user: 1, k: 1, other: 1 }; // it does not compare
    expect(await contents()).toEqual({ [keyIn(ended.cookie)]: kept });
  });

  it.each([0, 1, 2, 5, 20])("keep the change if the response ends %i turns later", async (turns) => {
    for (const data of [{}, { k: 0 }, { list: [1] }] as AnyData[]) {
      const { stored, request, contents } = await lossy(make);
      const cookie = await stored({ user: 1, ...data });
      const handle = (session: AnySession) => {
        session.get("list");
        session.cycleKey();
        session.set("k", 1);
        (session.get("list") as number[] | undefined)?.push(2);
        session.delete("user");
        if (turns === 0) return undefined;
        return Promise.resolve().then(async () => {
          for (let turn = 1; turn < turns; turn++) await new Promise(setImmediate);
        });
      };
      const ended = await request(handle, { cookie, status: 302 });
      const list = "list" in data ? { list: [1, 2] } : {};
      expect(await contents()).toEqual({ [keyIn(ended.cookie)]: { k: 1, ...list } });
    }
  });
});
