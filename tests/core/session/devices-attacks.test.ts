/** What could let a session outlive its end, or end up with another user, tried one after the other. */
import { describe, expect, it } from "vitest";
import { type AnySession, library } from "../library.ts";

type Options = NonNullable<Parameters<typeof library>[0]>;

function site(options: Options = {}) {
  const made = library({ users: { of: (session) => session.get("user_id") }, ...options });
  const count = async (user: string) => {
    let found = 0;
    for await (const _ of made.sessions.forUser(user)) found += 1;
    return found;
  };
  return { ...made, count };
}

describe("a session whose key someone else knows from before the login", () => {
  it("is listed and ended as the user's, if the app has not changed its key", async () => {
    const { request, read, stored, sessions, count } = site();
    const planted = await stored({ cart: 1 });
    await request((session) => session.set("user_id", "ann"), { cookie: planted });
    expect(await count("ann")).toBe(1);
    await sessions.endAll("ann");
    expect(await read(planted)).toEqual({});
  });

  it("is no longer there, and not listed, if the app changes its key", async () => {
    const { request, read, stored, count } = site();
    const planted = await stored({ cart: 1 });
    await request(
      (session) => {
        session.set("user_id", "ann");
        session.cycleKey();
      },
      { cookie: planted },
    );
    expect([await count("ann"), await read(planted)]).toEqual([1, {}]);
  });
});

describe("users.of", () => {
  const faulty = (of: () => never) => {
    const rest = { isFaulty: false };
    const made = site({ users: { of: (session) => (rest.isFaulty ? of() : session.get("user_id")) } });
    return { ...made, rest };
  };

  it("that throws fails the save, and never a logout", async () => {
    const { request, read, stored, rest } = faulty(() => {
      throw new TypeError("of is wrong");
    });
    const cookie = await stored({ user_id: "ann" });
    rest.isFaulty = true;
    await expect(request((session) => session.set("cart", 1), { cookie })).rejects.toMatchObject({
      message: expect.stringContaining("users.of failed"),
      cause: expect.objectContaining({ message: "of is wrong" }),
    });
    await request((session) => void session.flush(), { cookie });
    rest.isFaulty = false;
    expect(await read(cookie)).toEqual({});
  });

  it("that returns a promise is refused with its remedy, and nothing is stored", async () => {
    const { request, sessions } = site({ users: { of: (async () => "ann") as never } });
    const asked = request((session) => session.set("user_id", "ann"));
    await expect(asked).rejects.toThrow("users.of returned an object. A user is a string or a number");
    for await (const page of sessions.engine.users?.scan() ?? []) expect(page).toEqual([]);
  });
});

describe("an ended session", () => {
  const acts: Record<string, (session: AnySession) => unknown> = {
    "saves a change": (session) => session.set("seen", 1),
    "changes a value": (session) => session.change("visits", (n) => Number(n ?? 0) + 1),
    "takes a new key": (session) => session.cycleKey().catch(() => {}),
    "clears itself and keeps its user": (session) => {
      session.clear();
      session.set("user_id", "ann");
    },
    "saves by itself": (session) => session.save().catch(() => {}),
  };
  it.each(Object.keys(acts))(
    "does not come back through a request that was under way: it %s",
    async (name) => {
      const { request, stored, sessions, count, read } = site({ saveEveryRequest: true });
      const cookie = await stored({ user_id: "ann" });
      await request(
        async (session) => {
          session.get("user_id");
          await sessions.endAll("ann");
          await acts[name]?.(session);
        },
        { cookie },
      );
      expect([await count("ann"), await read(cookie)]).toEqual([0, {}]);
    },
  );

  it("does not come back through a merge with another request's save", async () => {
    const { request, stored, sessions, count } = site();
    const cookie = await stored({ user_id: "ann" });
    await request(
      async (slow) => {
        slow.get("user_id");
        await request((quick) => quick.set("quick", 1), { cookie });
        await sessions.endAll("ann");
        slow.set("slow", 1);
      },
      { cookie },
    );
    expect(await count("ann")).toBe(0);
  });

  it("does not come back through a renewal by touchAfter", async () => {
    const { request, stored, sessions, count, time } = site({ saveEveryRequest: true, touchAfter: 60 });
    const cookie = await stored({ user_id: "ann" });
    time.now += 120_000;
    await request(
      async (session) => {
        session.get("user_id");
        await sessions.endAll("ann");
      },
      { cookie },
    );
    expect(await count("ann")).toBe(0);
  });

  it.each(["lazy", "before"] as const)(
    "is not listed after a logout that read nothing (load: %s)",
    async (load) => {
      const { request, stored, count } = site({ load });
      const cookie = await stored({ user_id: "ann" });
      await request((session) => void session.flush(), { cookie });
      expect(await count("ann")).toBe(0);
    },
  );
});

describe("a name of a session in the list", () => {
  it("ends none of another user's, and none by its key", async () => {
    const { stored, sessions, count } = site();
    const key = (await stored({ user_id: "ann" })).split("=")[1] ?? "";
    for (const name of [key, "", "__proto__", "x".repeat(100_000)]) {
      expect(await sessions.end("ann", name)).toBe(false);
    }
    expect(await count("ann")).toBe(1);
  });

  it.each([Number.NaN, "", {}, true])("is asked for no one by the id %s", async (id) => {
    const { sessions } = site();
    await expect(sessions.endAll(id as never)).rejects.toMatchObject({ code: "settings" });
  });
});
