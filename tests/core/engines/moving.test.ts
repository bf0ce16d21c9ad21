/** Moving an app from express-session: both libraries on one store, over HTTP, with the real express-session. */
import { createHmac } from "node:crypto";
import type { Store } from "express-session";
import { createSessions, fromExpressStore } from "session-bridge";
import { afterEach, describe, expect, it } from "vitest";
import { describeEngine } from "./law.ts";
import { MemoryStore, type MovingApp, startNew, startOld, Visitor } from "./moving-apps.ts";

const secret = "a secret of the old app";
const DAY = 86_400;

const apps: MovingApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
});

/** Both apps over one store. */
async function startBoth(
  options: {
    old?: Parameters<typeof startOld>[2];
    new?: Parameters<typeof startNew>[2];
    store?: Store;
    secrets?: { old: string | string[]; new: string | string[] };
  } = {},
) {
  const store = options.store ?? new MemoryStore();
  const secrets = options.secrets ?? { old: secret, new: secret };
  const [before, after] = await Promise.all([
    startOld(store, secrets.old, options.old),
    startNew(store, secrets.new, options.new),
  ]);
  apps.push(before, after);
  return { before, after, store };
}

function sign(id: string, key: string): string {
  return `${id}.${createHmac("sha256", key).update(id).digest("base64").replaceAll("=", "")}`;
}

describeEngine("express-session store with its secret", {
  make: () => fromExpressStore(new MemoryStore(), { secret }),
  ownClock: true,
  except: { "clears what has ended, and nothing else": "these stores have no such call" },
});

/** Each app once as the first, with the other one after it. */
const bothWays = <App>(before: App, after: App) =>
  [
    [before, after],
    [after, before],
  ] as const;

describe("users of an app that moves", () => {
  it("stay logged in, with all their data, wherever they log in and whichever app answers next", async () => {
    const { before, after } = await startBoth();
    for (const [one, other] of bothWays(before, after)) {
      const ada = new Visitor();
      await ada.get(one, "/login?user=ada");
      const { id } = await ada.see(one);
      for (const [app, item] of [
        [other, "a"],
        [one, "b"],
        [other, "c"],
      ] as const)
        await ada.get(app, `/add?item=${item}`);
      const seen = { user: "ada", items: ["a", "b", "c"], id, age: null };
      expect([await ada.see(one), await ada.see(other)]).toEqual([seen, seen]);
    }
  });

  it("are logged out by either app, for both", async () => {
    const { before, after } = await startBoth();
    for (const [one, other] of bothWays(before, after)) {
      const ada = new Visitor();
      await ada.get(one, "/login?user=ada");
      await ada.get(other, "/add?item=a");
      const kept = await ada.cookie(one);
      await ada.get(other, "/logout");
      await ada.forge(one, kept);
      expect((await ada.see(one)).user).toBeUndefined();
      expect((await ada.see(other)).user).toBeUndefined();
    }
  });

  it("keep the ids that a genid of the app made", async () => {
    let id = "";
    const { before, after } = await startBoth({ old: { genid: () => id } });
    for (id of ["Tenant-7_UPPER.dots", "a/b+c==(d)!'*~", "with spaces & %2F", "user:7:x"]) {
      const ada = new Visitor();
      await ada.get(before, "/login?user=ada");
      expect(await ada.see(after)).toMatchObject({ user: "ada", id });
      await ada.get(after, "/add?item=a"); // writes the cookie itself
      expect(ada.lines).toHaveLength(1);
      expect(await ada.see(before)).toMatchObject({ user: "ada", id });
    }
  });

  it("keep the age that one of the apps gave their session", async () => {
    const { before, after } = await startBoth({
      old: { cookie: { maxAge: DAY * 1000 } },
      new: { cookieAge: DAY },
    });
    for (const [one, other] of bothWays(before, after)) {
      const [short, long, closing] = [new Visitor(), new Visitor(), new Visitor()];
      await short.get(one, "/login?user=short");
      await long.get(one, `/login?user=long&age=${30 * DAY}`);
      await closing.get(one, "/login?user=closing&age=");
      for (const [visitor, age] of [
        [short, DAY],
        [long, 30 * DAY],
        [closing, null],
      ] as const) {
        for (const app of [other, one, other]) {
          await visitor.get(app, "/add?item=x");
          const seen = await visitor.see(app);
          if (age === null) expect(seen.age).toBeNull();
          else expect(Math.round(seen.age ?? 0)).toBe(age);
          const [cookie] = await visitor.jar.getCookies(app.origin);
          const left = cookie?.TTL() ?? 0;
          if (age === null) expect(left).toBe(Number.POSITIVE_INFINITY);
          else expect(Math.abs(left / 1000 - age)).toBeLessThan(60);
        }
      }
    }
  });

  it("get the attributes that are configured in the new app from the old one, too", async () => {
    const { before, after } = await startBoth({
      old: { cookie: { maxAge: DAY * 1000 } },
      new: { cookieAge: DAY, cookieSameSite: "Strict", cookieDomain: "127.0.0.1", cookieHttpOnly: false },
    });
    const ada = new Visitor();
    await ada.get(after, "/login?user=ada");
    const ours = ada.lines.join();
    await ada.get(before, "/add?item=a");
    const theirs = ada.lines.join();
    for (const line of [ours, theirs]) {
      expect(line).toMatch(/; SameSite=Strict/i);
      expect(line).toContain("; Domain=127.0.0.1");
      expect(line).not.toContain("HttpOnly");
    }
    expect(await ada.jar.getCookies(before.origin)).toHaveLength(1);
  });

  it("have one cookie at the path that both apps have, whichever of them stored the session", async () => {
    const { before, after } = await startBoth({
      old: { cookie: { maxAge: DAY * 1000, path: "/add" } },
      new: { cookieAge: DAY, cookiePath: "/add" },
    });
    const ada = new Visitor();
    await ada.get(after, "/add?item=a");
    await ada.get(before, "/add?item=b");
    expect(ada.lines).toEqual([expect.stringContaining("; Path=/add;")]);
    expect(await ada.jar.getCookies(`${before.origin}/add`)).toHaveLength(1);
  });
});

describe("the cookie of express-session", () => {
  it("is written as express-session writes it", async () => {
    const { before, after, store } = await startBoth({ old: { genid: () => "an id with / and +" } });
    const [ada, ben] = [new Visitor(), new Visitor()];
    await ada.get(before, "/login?user=ada");
    const theirs = await ada.cookie(before);
    await ada.get(after, "/add?item=a");
    expect(await ada.cookie(before)).toBe(theirs);
    await ben.get(after, "/login?user=ben");
    const { id } = await ben.see(after);
    expect(await ben.cookie(after)).toBe(encodeURIComponent(`s:${sign(id ?? "", secret)}`));
    expect(Object.keys(Reflect.get(store, "sessions"))).toContain(id);
  });

  it("proves a session only with the signature of its id and one of the secrets", async () => {
    const { before, after } = await startBoth();
    const [ada, eve] = [new Visitor(), new Visitor()];
    await ada.get(before, "/login?user=ada");
    await eve.get(before, "/login?user=eve");
    const id = String((await ada.see(before)).id);
    const [, own = ""] = sign(String((await eve.see(before)).id), secret).split(/\.(?=[^.]*$)/);
    const [, right = ""] = sign(id, secret).split(/\.(?=[^.]*$)/);
    const forged = [
      id,
      `s:${id}`,
      `s:${id}.`,
      `s:${id}.${own}`,
      `s:${sign(id, "another secret")}`,
      `s:${sign(id, "")}`,
      `s:${id}.${right}=`,
      `s:${id}.${right.slice(1)}`,
      `s:${id}.${right.toLowerCase()}`,
      `${id}.${right}`,
      `S:${id}.${right}`,
      `j:${id}.${right}`,
      `s:s:${id}.${right}`,
      `s:.${right}`,
      "s:",
      "",
    ];
    for (const text of forged) {
      for (const value of [text, encodeURIComponent(text)]) {
        const mallory = new Visitor();
        await mallory.forge(after, value);
        expect(await mallory.see(after), value).toEqual({ id: null, age: null });
        expect(mallory.lines, value).toEqual([]); // express-session leaves it alone, too
        await mallory.get(after, "/add?item=planted");
        const made = await mallory.see(after);
        expect(made.items).toEqual(["planted"]);
        expect(made.id).not.toBe(id);
      }
    }
    expect(await ada.see(after)).toEqual({ user: "ada", id, age: null });
  });

  it("proves a session only with its signature, also next to another cookie of its name", async () => {
    const { before, after } = await startBoth();
    const ada = new Visitor();
    await ada.get(before, "/login?user=ada");
    const signed = await ada.cookie(before);
    const id = String((await ada.see(before)).id);
    const see = async (...values: string[]) => {
      const cookie = values.map((value) => `connect.sid=${value}`).join("; ");
      return JSON.parse(await (await fetch(after.origin, { headers: { cookie } })).text());
    };
    const guest = { id: null, age: null };
    for (const unsigned of [id, encodeURIComponent(`s:${id}`)]) {
      for (const other of ["some-other-id", encodeURIComponent(`s:${sign("some-other-id", secret)}`)])
        expect([await see(unsigned, other), await see(other, unsigned)]).toEqual([guest, guest]);
      expect(await see(unsigned, signed)).toMatchObject({ user: "ada", id });
      expect(await see(signed, unsigned)).toMatchObject({ user: "ada", id });
    }
  });

  it("with an id that the store does not know is never adopted", async () => {
    const { after, store } = await startBoth();
    const eve = new Visitor();
    await eve.forge(after, encodeURIComponent(`s:${sign("an-id-that-eve-was-given", secret)}`));
    await eve.get(after, "/login?user=eve");
    await eve.get(after, "/add?item=a");
    expect((await eve.see(after)).user).toBe("eve");
    expect(Object.keys(Reflect.get(store, "sessions"))).not.toContain("an-id-that-eve-was-given");
  });

  it("counts with each secret of the list, is signed with the first, and with none that was taken out", async () => {
    const { before, after } = await startBoth({ secrets: { old: "older", new: ["newer", "older"] } });
    const ada = new Visitor();
    await ada.get(before, "/login?user=ada");
    expect((await ada.see(after)).user).toBe("ada");
    await ada.get(after, "/add?item=a");
    expect(await ada.cookie(after)).toBe(
      encodeURIComponent(`s:${sign(String((await ada.see(after)).id), "newer")}`),
    );
    const store = new MemoryStore();
    const lines: string[] = [];
    const old = await startOld(store, "older");
    const later = await startNew(store, ["newer"], { log: (line) => lines.push(line) });
    apps.push(old, later);
    const ben = new Visitor();
    await ben.get(old, "/login?user=ben");
    for (let time = 0; time < 3; time++) expect((await ben.see(later)).user).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(/signed with none of the secrets/)]);
    expect((await ben.see(old)).user).toBe("ben"); // the right secret brings everyone back
  });

  it.each([
    [{ secret: "" }],
    [{ secret: [] }],
    [{ secret: ["", "b"] }],
    [{ secret: undefined }],
    [{}],
    [{ secret: 5 }],
  ])("is not read without a secret: %j", (options) => {
    // mistakes in plain JavaScript, which types would report
    expect(() => fromExpressStore(new MemoryStore(), options as never)).toThrow(
      /fromExpressStore\(\): the secret is missing or empty. Pass \{ secret \}/,
    );
  });

  it("is not read if no secret is passed: keys are then in the cookie as they are", async () => {
    const store = new MemoryStore();
    const sessions = createSessions({ secretKey: "any", engine: fromExpressStore(store) });
    expect(sessions.keyOf(encodeURIComponent(`s:${sign("abcdefgh", secret)}`))).toBeNull();
    expect(sessions.keyOf("abcdefgh")).toBe("abcdefgh");
    const signed = createSessions({ secretKey: "any", engine: fromExpressStore(store, { secret }) });
    expect(signed.keyOf("abcdefgh")).toBeNull();
    expect(signed.keyOf(encodeURIComponent(`s:${sign("ABC-defgh", secret)}`))).toBe("ABC-defgh");
  });

  it("holds only keys of the setting keyPattern, if that is passed", () => {
    const engine = fromExpressStore(new MemoryStore(), { secret });
    const sessions = createSessions({ secretKey: "any", engine, keyPattern: /^[a-z]+$/ });
    expect(sessions.keyOf(`s:${sign("ABC-defgh", secret)}`)).toBeNull();
    expect(sessions.keyOf(`s:${sign("abcdefgh", secret)}`)).toBe("abcdefgh");
  });
});
