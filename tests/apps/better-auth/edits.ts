/** What the tab can change in a session of Better Auth, and what it refuses with a sentence. */
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call } from "../../sources/panel-client.ts";
import { type AuthApp, type AuthOptions, createSecondStore, JOHN, startApp } from "./app.ts";
import { operationsOf, readFound, tracesUntil, type Visitor, visitorOf } from "./visitor.ts";

const FIELDS = {
  cart: { type: "string", required: false },
  visits: { type: "number", required: true, defaultValue: 0 },
  since: { type: "date", required: false },
} as const;

/** Defines the tests. */
export function describeEdits(): void {
  describe("an edit in the tab, with Better Auth", () => {
    let database: DatabaseSync;
    let app: AuthApp;
    let john: Visitor;
    let hooks: string[];
    let isVetoed: boolean;
    beforeEach(async () => {
      database = new DatabaseSync(":memory:");
      hooks = [];
      isVetoed = false;
      const before = async () => (isVetoed ? false : undefined);
      const note = (name: string) => async () => void hooks.push(name);
      app = await startApp({
        auth: {
          database,
          session: { additionalFields: FIELDS },
          databaseHooks: {
            session: {
              update: { before, after: note("update") },
              delete: { before, after: note("delete") },
            },
          },
        },
      });
      john = visitorOf(app.base);
      await john.post("/api/auth/sign-up/email", JOHN);
    });
    afterEach(() => app.close());
    const edit = async (path: (string | number)[], value: unknown, version?: string) => {
      const ifVersion = version ?? (await readFound(app.base, john.cookie())).version;
      const operations = [{ op: "set" as const, path, valueJson: JSON.stringify(value) }];
      return call(app.base, "edit", { protocol: 1, cookie: john.cookie(), operations, ifVersion });
    };
    const rowOf = () => database.prepare("SELECT * FROM session").get();

    it("changes an additional field, and the app sees it", async () => {
      for (const [path, value] of [
        ["cart", "boots"],
        ["visits", 3],
        ["since", "2026-01-02T03:04:05.006Z"],
      ] as const) {
        const { status, answer } = await edit([path], value);
        expect(status).toBe(200);
        expect(JSON.parse(answer.session?.dataJson ?? "{}")[path]).toBe(value);
      }
      expect((await john.get("/me")).body).toMatchObject({
        session: { cart: "boots", visits: 3, since: "2026-01-02T03:04:05.006Z" },
      });
      expect(hooks).toEqual(["update", "update", "update"]); // as for any change that the app makes
      expect(app.lines.at(-1)).toMatch(/panel: edit of session .{4}….{4}: set "since"$/);
    });

    it("refuses what the library would not keep, with a sentence", async () => {
      const row = rowOf();
      for (const [path, value, why] of [
        [["userId"], "123", /fills "userId" itself/],
        [["user", "name"], "Jane", /row in another table/],
        [["basket"], "boots", /no session field "basket".*additionalFields/],
        [["visits"], "many", /declared as number/],
        [["visits"], null, /"visits" is required/],
        [["since"], "yesterday", /declared as date/],
      ] as const) {
        const { status, answer } = await edit([...path], value);
        expect(status).not.toBe(200);
        expect(Reflect.get(answer, "message")).toMatch(why);
      }
      expect(rowOf()).toEqual(row);
      expect(hooks).toEqual([]);
    });

    it("changes a field that is stored in a second store only", async () => {
      await app.close();
      const secondaryStorage = createSecondStore();
      app = await startApp({ auth: { secondaryStorage, session: { additionalFields: FIELDS } } });
      john = visitorOf(app.base);
      await john.post("/api/auth/sign-up/email", JOHN);
      expect((await edit(["cart"], "boots")).status).toBe(200);
      expect((await john.get("/me")).body).toMatchObject({ session: { cart: "boots" } });
    });

    it("finds a change by the app as a conflict", async () => {
      const { version } = await readFound(app.base, john.cookie());
      await john.post("/api/auth/update-session", { cart: "hat" });
      const { status, answer } = await edit(["cart"], "boots", version);
      expect([status, Reflect.get(answer, "code")]).toEqual([409, "conflict"]);
      const traces = await tracesUntil(app.base, [john.cookie()], "/api/auth/update-session");
      expect(operationsOf(traces.at(-1))).toEqual(["load", "save"]);
      expect(traces.at(-1)?.changes.map(({ key }) => key)).toEqual(["updatedAt", "cart"]);
    });

    it("says that a hook of the app has refused the change", async () => {
      const { version } = await readFound(app.base, john.cookie());
      isVetoed = true;
      for (const refused of [
        await edit(["cart"], "boots"),
        await call(app.base, "flush", { protocol: 1, cookie: john.cookie(), ifVersion: version }),
      ]) {
        expect(Reflect.get(refused.answer, "message")).toMatch(/databaseHook of the app returned false/);
      }
      const cookie = john.cookie();
      expect((await readFound(app.base, cookie)).data).toMatchObject({ cart: null });
      await john.post("/api/auth/sign-out");
      const [out] = (await tracesUntil(app.base, [cookie], "/api/auth/sign-out")).slice(-1);
      expect(operationsOf(out)).toEqual(["load"]); // the app did not delete it either
      expect(out?.cookie?.action).toBe("deleted");
    });

    it("says nothing of a deletion that a plugin's hook has refused", async () => {
      await app.close();
      const hook = { session: { delete: { before: async () => false } } };
      const plugin = { id: "keeps", init: () => ({ options: { databaseHooks: hook } }) };
      app = await startApp({ auth: { plugins: [plugin] } });
      john = visitorOf(app.base);
      await john.post("/api/auth/sign-up/email", JOHN);
      const cookie = john.cookie();
      await john.post("/api/auth/sign-out");
      const [out] = (await tracesUntil(app.base, [cookie], "/api/auth/sign-out")).slice(-1);
      expect(operationsOf(out)).toEqual(["load"]);
      await readFound(app.base, cookie);
    });

    it("shows what a request has written that took the session from the copy in its cookie", async () => {
      await app.close();
      const cookieCache = { enabled: true };
      app = await startApp({ auth: { session: { additionalFields: FIELDS, cookieCache } } });
      john = visitorOf(app.base);
      await john.post("/api/auth/sign-up/email", JOHN);
      await john.post("/api/auth/update-session", { cart: "hat" });
      const [, update] = await tracesUntil(app.base, [john.cookie()], "/api/auth/update-session");
      expect(update?.incomplete).toBeUndefined();
      expect(operationsOf(update)).toEqual(["save", "load (from the copy in a cookie)"]);
      expect(update?.changes.map(({ key }) => key)).toEqual(["updatedAt", "cart"]);
      expect(JSON.parse(update?.after?.dataJson ?? "{}")).toMatchObject({
        cart: "hat",
        user: { name: "john_doe" },
      });
    });

    it("puts an ended session back as the row that it was", async () => {
      await edit(["cart"], "boots");
      const [row, cookie] = [rowOf(), john.cookie()];
      const { version } = await readFound(app.base, cookie);
      const { answer } = await call(app.base, "flush", { protocol: 1, cookie, ifVersion: version });
      expect(rowOf()).toBeUndefined();
      const back = { protocol: 1, cookie, kept: answer.kept, replaces: null, ifVersion: null };
      expect((await call(app.base, "restore", back)).status).toBe(200);
      expect(rowOf()).toEqual(row);
      expect((await john.get("/me")).body).toMatchObject({ session: { cart: "boots" } });
      await edit(["cart"], "hat");
      expect((await call(app.base, "restore", { ...back, ifVersion: version })).status).toBe(409);
      expect((await call(app.base, "restore", { ...back, ifVersion: undefined as never })).status).toBe(200);
      expect(rowOf()).toEqual(row);
    });

    it("moves the expiry to a time, by the default and as if time had passed, and refuses the browser's end", async () => {
      const cookie = john.cookie();
      const change = async (wanted: Parameters<typeof expiry>[1]) => expiry(app, wanted, cookie);
      const at = Date.now() + 60_000;
      expect((await change({ kind: "at", at })).answer.session?.expiresAt).toBe(at);
      const shifted = await change({ kind: "shift", shiftSeconds: 10 });
      expect(shifted.answer.session?.expiresAt).toBe(at - 10_000);
      const week = (await change({ kind: "default" })).answer.session?.expiresAt ?? 0;
      expect(Math.round((week - Date.now()) / 86_400_000)).toBe(7);
      const { answer } = await change({ kind: "browser-close" });
      expect(Reflect.get(answer, "message")).toMatch(/stores an expiry with every session/);
      await change({ kind: "at", at: Date.now() - 1 });
      expect((await john.get("/me")).body).toBeNull();
    });
  });

  describe("what the tab offers", () => {
    it("is no edit without additional fields, and no restoring with a second store or a hidden field", async () => {
      const secondaryStorage = createSecondStore();
      const additionalFields = { pin: { type: "string", required: false, returned: false } } as const;
      expect(await capabilitiesOf({})).toEqual(["prove", "read", "traces", "expiry", "flush", "restore"]);
      expect(await capabilitiesOf({ secondaryStorage })).toEqual([
        "prove",
        "read",
        "traces",
        "expiry",
        "flush",
      ]);
      for (const auth of [
        { session: { additionalFields } },
        { plugins: [{ id: "pins", schema: { session: { fields: additionalFields } } }] },
      ])
        expect(await capabilitiesOf(auth)).toEqual(["prove", "read", "traces", "edit", "expiry", "flush"]);
    });
  });
}

async function expiry(app: AuthApp, change: Parameters<typeof call<"expiry">>[2]["change"], cookie: string) {
  const { version } = await readFound(app.base, cookie);
  return call(app.base, "expiry", { protocol: 1, cookie, change, ifVersion: version });
}

async function capabilitiesOf(auth: AuthOptions) {
  const app = await startApp({ auth });
  const { answer } = await call(app.base, "hello", { protocol: 1 });
  await app.close();
  return answer.capabilities;
}
