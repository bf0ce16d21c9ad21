/** Writers of one session in one process take turns, and each goes on from what the one before stored. */
import { cache, type Engine, isSessionError, memory } from "session-bridge";
import { describe, expect, it } from "vitest";
import { Turns } from "../../../server-bridge/src/core/session/turns.ts";
import { elsewhere } from "../engines/again.ts";
import { library } from "../library.ts";

/** Memory that notes each call, and runs `before` ahead of it. */
function watched() {
  const engine: Engine = cache(memory());
  const calls: string[] = [];
  const before: { update: () => unknown } = { update: () => undefined };
  const load = engine.loadSync?.bind(engine);
  const { update, rename } = engine;
  if (load === undefined || rename === undefined) throw new Error("memory can do both");
  Object.assign(engine, {
    loadSync: (key: string) => {
      calls.push("load");
      return load(key);
    },
    update: async (...given: Parameters<typeof update>) => {
      calls.push("update");
      await before.update();
      return update.apply(engine, given);
    },
    rename: async (...given: Parameters<typeof rename>) => {
      calls.push("rename");
      return rename.apply(engine, given);
    },
  });
  return { ...library({ engine }), engine, calls, before };
}

const keyIn = (cookie: string) => cookie.slice(cookie.indexOf("=") + 1);

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "saved",
    (error: unknown) => (isSessionError(error, "session-gone") ? "gone" : String(error)),
  );
}

describe("turns", () => {
  it("let each of many writers write once, in their order, on top of the one before", async () => {
    const { sessions, stored, read, calls } = watched();
    const cookie = await stored({ list: [] });
    const writers = Array.from({ length: 30 }, () => sessions.open(keyIn(cookie)));
    for (const one of writers) one.get("list");
    calls.length = 0;
    await Promise.all(
      writers.map((one, at) => {
        one.change("list", (list) => [...(list as number[]), at]);
        return one.save();
      }),
    );
    expect(calls).toEqual(writers.map(() => "update"));
    expect(await read(cookie)).toEqual({ list: writers.map((_, at) => at) });
  });

  it("cost a writer that is alone nothing but its write", async () => {
    const { sessions, stored, calls } = watched();
    const session = sessions.open(keyIn(await stored({ a: 1 })));
    calls.length = 0;
    session.set("a", 2);
    await session.save();
    session.set("a", 3);
    await session.save();
    expect(calls).toEqual(["load", "update", "update"]);
  });

  it("hand over only a hint: what another process wrote meanwhile is found and kept", async () => {
    const { sessions, stored, read, before, engine } = watched();
    const cookie = await stored({ a: 1 });
    const [first, second] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    first.set("first", 1);
    second.set("second", 1);
    let updates = 0;
    before.update = async () => {
      updates += 1;
      if (updates !== 2) return;
      const other = library({ engine: elsewhere(engine) }).sessions.open(keyIn(cookie));
      other.set("other", 1);
      await other.save();
    };
    await Promise.all([first.save(), second.save()]);
    expect(await read(cookie)).toEqual({ a: 1, first: 1, second: 1, other: 1 });
  });

  it("hand over nothing that is older than what the next writer has seen since", async () => {
    const { sessions, stored, read, engine } = watched();
    const cookie = await stored({ a: 1 });
    const first = sessions.open(keyIn(cookie));
    first.set("first", 1);
    const { update } = engine;
    const [isStored, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    engine.update = async (...given) => {
      engine.update = update;
      const result = await update.apply(engine, given);
      isStored.resolve();
      await held.promise; // the answer is on its way
      return result;
    };
    const saving = first.save();
    await isStored.promise;
    const login = library({ engine: elsewhere(engine) }).sessions.open(keyIn(cookie)); // in another process
    login.set("user_id", 7);
    await login.save();
    const second = sessions.open(keyIn(cookie));
    second.set("second", second.get("user_id"));
    const late = outcomeOf(second.save());
    held.resolve();
    await saving;
    expect(await late, "the older string is a guest's").toBe("saved");
    expect(await read(cookie)).toEqual({ a: 1, first: 1, user_id: 7, second: 7 });
  });

  it("end with an error as well: the next writer writes", async () => {
    const { sessions, stored, read, before } = watched();
    const cookie = await stored({ a: 1 });
    const [first, second] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    first.set("first", 1);
    second.set("second", 1);
    let isFirst = true;
    before.update = () => {
      if (isFirst) {
        isFirst = false;
        throw new Error("the disk is full");
      }
    };
    const outcomes = await Promise.all([outcomeOf(first.save()), outcomeOf(second.save())]);
    expect(outcomes).toEqual(["Error: the disk is full", "saved"]);
    expect(await read(cookie)).toEqual({ a: 1, second: 1 });
  });

  it("apply nothing of a request to the session of another user, who logged in just before", async () => {
    const { sessions, stored, read } = watched();
    const cookie = await stored({ user: { id: 1, role: "guest" } });
    const [login, write] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    login.set("user", { id: 2, role: "guest" });
    (write.get("user") as { role: string }).role = "admin";
    const outcomes = await Promise.all([outcomeOf(login.save()), outcomeOf(write.save())]);
    expect(outcomes).toEqual(["saved", "gone"]);
    expect(await outcomeOf(write.save()), "not the second time either").toBe("gone");
    expect(await read(cookie)).toEqual({ user: { id: 2, role: "guest" } });
  });

  it("write once for all who store the same, as with saveEveryRequest", async () => {
    const { sessions, stored, calls } = watched();
    const cookie = await stored({ a: 1 });
    const all = Array.from({ length: 10 }, () => sessions.open(keyIn(cookie)));
    for (const session of all) session.get("a");
    calls.length = 0;
    await Promise.all(all.map((session) => session.save()));
    expect(calls).toEqual(["update"]);
  });

  it("are taken by cycleKey: who writes to the old key after it is refused, and who wrote before it is kept", async () => {
    const { sessions, stored, read, calls } = watched();
    const cookie = await stored({ a: 1 });
    const [early, cycling, late] = [0, 1, 2].map(() => sessions.open(keyIn(cookie)));
    if (!early || !cycling || !late) throw new Error("three were opened");
    for (const one of [early, cycling, late]) one.get("a");
    early.set("early", 1);
    cycling.set("cycled", 1);
    late.set("late", 1);
    calls.length = 0;
    const work = [early.save(), cycling.cycleKey()];
    await Promise.resolve(); // cycleKey begins at the end of the handler's turn
    const outcomes = await Promise.all([...work, late.save()].map(outcomeOf));
    expect(outcomes).toEqual(["saved", "saved", "gone"]);
    expect(calls).toEqual(["update", "rename", "update"]);
    expect(await read(`sessionid=${cycling.sessionKey}`)).toEqual({ a: 1, early: 1, cycled: 1 });
    expect(await read(cookie)).toEqual({});
  });

  it("hand over nothing of the new key to who waits at the old one", async () => {
    const { sessions, stored } = watched();
    const cookie = await stored({ a: 1 });
    const [login, late] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    login.set("user_id", 7);
    late.set("late", 1);
    const work = login.cycleKey();
    await Promise.resolve();
    const failure = late.save().catch(String);
    await work;
    expect(await failure).toContain("The session was deleted");
  });

  it("keep no deletion waiting", async () => {
    const { sessions, stored, read, before } = watched();
    const cookie = await stored({ a: 1 });
    const [slow, logout] = [sessions.open(keyIn(cookie)), sessions.open(keyIn(cookie))];
    const held = Promise.withResolvers<void>();
    before.update = () => held.promise;
    slow.set("b", 1);
    const saving = outcomeOf(slow.save());
    await logout.flush();
    held.resolve();
    expect(await saving).toBe("gone");
    expect(await read(cookie)).toEqual({});
  });

  it("are forgotten at keys that no one writes to any more, and only there", () => {
    const turns = new Turns();
    const [busy, idle] = [turns.at("busy"), turns.at("idle")];
    busy.isBusy = true;
    for (let n = 0; n < 5000; n++) turns.at(`key${n}`);
    expect(turns.at("busy")).toBe(busy);
    expect(turns.at("idle")).not.toBe(idle);
  });
});
