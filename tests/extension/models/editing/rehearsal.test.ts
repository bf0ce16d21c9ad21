/** Simulating time: a browser close, fast-forwarding, and edited cookies. */
import { afterEach, describe, expect, it } from "vitest";
import type { TabCookie } from "../../../../extension/messages/tab-cookie.ts";
import { createModels, type Models } from "../../../../extension/models/index.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";

const open: Models[] = [];
afterEach(() => {
  for (const models of open.splice(0)) models[Symbol.dispose]();
});

async function start(cookies: (now: number) => TabCookie[]) {
  const world = createMemoryWorld();
  world.setCookies(cookies(world.now()));
  world.server.put("key", { user_id: 123 }, world.now() + 3_600_000);
  const models = createModels(world.ports);
  open.push(models);
  await turns();
  return { world, models };
}

const ending = () => [
  fillCookie({ value: "key" }),
  fillCookie({ name: "cart", value: "c", recognised: null }),
  fillCookie({ name: "stays", value: "s", expiresAt: Date.UTC(2030, 0, 1), recognised: null }),
];

describe("simulating the browser's close", () => {
  it("says beforehand what would be deleted", async () => {
    const { world, models } = await start(ending);
    world.storage = [{ origin: "http://localhost:8000", items: [["draft", "x"]] }];
    await models.rehearsal.look();
    expect(models.rehearsal.preview.value?.cookies.map((cookie) => cookie.name)).toEqual([
      "sessionid",
      "cart",
    ]);
    expect(models.rehearsal.preview.value?.storage[0]?.items).toEqual([["draft", "x"]]);
  });

  it("does it, reloads, and says that the server would still accept the cookie", async () => {
    const { world, models } = await start(ending);
    const done = models.rehearsal.close();
    await pass(world, 3000);
    await done;
    expect(world.cookies.cookies.map((cookie) => cookie.name)).toEqual(["stays"]);
    expect(world.did).toContain("reload");
    expect(models.rehearsal.result.value).toMatchObject({ case: "closed", back: [], serverAccepts: true });
  });

  it("says again what would be deleted, after the close and after it is undone", async () => {
    const { world, models } = await start(ending);
    await models.rehearsal.look();
    const done = models.rehearsal.close();
    await pass(world, 3000);
    await done;
    expect(models.rehearsal.preview.value?.cookies).toEqual([]);
    await models.rehearsal.restore();
    const names = models.rehearsal.preview.value?.cookies.map((cookie) => cookie.name);
    expect(names?.toSorted()).toEqual(["cart", "sessionid"]);
  });

  it("can be undone even if its result could not be read", async () => {
    const { world, models } = await start(ending);
    const { list } = world.ports.cookies;
    const done = models.rehearsal.close();
    await turns();
    world.ports.cookies.list = async () => Promise.reject(new Error("The page is closed."));
    await pass(world, 3000);
    await done;
    world.ports.cookies.list = list;
    expect(models.undo.offered.value?.text).toBe("The rehearsal failed: The page is closed.");
    await models.rehearsal.restore();
    expect(world.cookies.cookies.map((cookie) => cookie.name).toSorted()).toEqual([
      "cart",
      "sessionid",
      "stays",
    ]);
  });

  it("reports a cookie that the page has set again", async () => {
    const { world, models } = await start(ending);
    const done = models.rehearsal.close();
    await turns();
    world.setCookies([...world.cookies.cookies, fillCookie({ name: "cart", value: "new" })]);
    await pass(world, 3000);
    await done;
    expect(models.rehearsal.result.value?.back.map((cookie) => cookie.value)).toEqual(["new"]);
  });

  it("is undone exactly", async () => {
    const { world, models } = await start(ending);
    world.storage = [{ origin: "http://localhost:8000", items: [["draft", "x"]] }];
    const before = structuredClone({ cookies: world.cookies.cookies, storage: world.storage });
    const done = models.rehearsal.close();
    await pass(world, 3000);
    await done;
    await models.rehearsal.restore();
    const byName = (one: TabCookie, other: TabCookie) => one.name.localeCompare(other.name);
    expect(world.cookies.cookies.toSorted(byName)).toEqual(before.cookies.toSorted(byName));
    expect(world.storage).toEqual(before.storage);
    expect(models.rehearsal.result.value?.undone).toBe(true);
  });

  it("is undone when Restore is pressed as soon as its outcome is shown, while the close is still under way", async () => {
    const { world, models } = await start(ending);
    const preview = world.ports.rehearsal.preview;
    const done = models.rehearsal.close();
    await turns();
    const answered = Promise.withResolvers<void>();
    world.ports.rehearsal.preview = async () => {
      await answered.promise;
      return preview();
    };
    await pass(world, 3000);
    expect(models.rehearsal.result.value).toMatchObject({ case: "closed" });
    expect(models.rehearsal.busy.value).toBe(true);
    const restored = [models.rehearsal.restore(), models.rehearsal.restore()];
    answered.resolve();
    await Promise.all([done, ...restored]);
    expect(models.rehearsal.result.value?.undone).toBe(true);
    expect(world.cookies.cookies.map((cookie) => cookie.name).toSorted()).toEqual([
      "cart",
      "sessionid",
      "stays",
    ]);
    expect(world.did.filter((each) => each === "reload")).toHaveLength(2);
  });

  it("reports a cookie that the browser kept", async () => {
    const { world, models } = await start(ending);
    const [stubborn] = (await world.ports.rehearsal.preview()).cookies;
    world.ports.rehearsal.close = async () => ({
      cookies: [],
      storage: [],
      left: stubborn ? [stubborn] : [],
    });
    const done = models.rehearsal.close();
    await pass(world, 3000);
    await done;
    expect(models.rehearsal.result.value?.back.map((cookie) => cookie.id)).toContain(stubborn?.id);
  });

  it("simulates a browser that restores its tabs: everything stays, the page reloads", async () => {
    const { world, models } = await start(ending);
    const done = models.rehearsal.keep();
    await pass(world, 3000);
    await done;
    expect(world.cookies.cookies).toHaveLength(3);
    expect(world.did).toContain("reload");
    expect(models.rehearsal.result.value).toMatchObject({ case: "kept", serverAccepts: true });
    expect(models.rehearsal.result.value?.back).toHaveLength(2);
  });
});

describe("fast-forward", () => {
  const hour = (now: number) => [fillCookie({ value: "key", expiresAt: now + 3_600_000 })];

  it("moves the expiry of cookie and session together, and no clock", async () => {
    const { world, models } = await start(hour);
    const now = world.now();
    await models.fastForward.forward(3590);
    await turns();
    expect(world.cookies.cookies[0]?.expiresAt).toBe(now + 10_000);
    expect(world.server.read("key")?.expiresAt).toBe(now + 10_000);
    expect(world.now()).toBe(now);
  });

  it("expires a cookie that is moved past its expiry, in a way that browsers accept", async () => {
    const { world, models } = await start(hour);
    const before = world.cookies.cookies;
    await models.fastForward.forward(7200);
    expect(world.cookies.cookies[0]?.expiresAt).toBe(world.now() + 2000);
    await turns();
    expect(models.session.live.value).toEqual({ state: "none", reason: "unknown" });
    await models.fastForward.forward(7200);
    expect(world.cookies.cookies[0]?.expiresAt).toBe(world.now() + 2000);
    await models.undo.undo();
    await models.undo.undo();
    expect(world.cookies.cookies).toEqual(before);
  });

  it("ages only this session", async () => {
    const { world, models } = await start(hour);
    world.server.put("other", { user_id: 5 }, world.now() + 3_600_000);
    await models.fastForward.forward(600);
    expect(world.server.read("other")?.expiresAt).toBe(world.now() + 3_600_000);
  });

  it("shows a cookie as expired on the second", async () => {
    const { world, models } = await start(hour);
    await models.fastForward.forward(3590);
    await pass(world, 9000);
    expect(models.session.live.value.state).toBe("present");
    world.cookies = { ...world.cookies, cookies: [] };
    await pass(world, 1100);
    await turns();
    expect(models.cookies.rows.value).toMatchObject([{ expired: true }]);
  });

  it("goes to five seconds before the earlier expiry", async () => {
    const { world, models } = await start((now) => [fillCookie({ value: "key", expiresAt: now + 600_000 })]);
    await models.fastForward.toEnd();
    expect(world.cookies.cookies[0]?.expiresAt).toBe(world.now() + 5000);
  });

  it("is undone in both", async () => {
    const { world, models } = await start(hour);
    const before = world.cookies.cookies[0];
    await models.fastForward.forward(600);
    await turns();
    await models.undo.undo();
    expect(world.cookies.cookies[0]).toEqual(before);
    expect(world.server.read("key")?.expiresAt).toBe(world.now() + 3_600_000);
  });

  it("restores a session that it let expire", async () => {
    const { world, models } = await start(hour);
    await models.fastForward.forward(3599);
    await pass(world, 2000);
    await models.undo.undo();
    await turns();
    expect(models.session.live.value.state).toBe("present");
  });

  it("moves only the cookie if there is no bridge", async () => {
    const world = createMemoryWorld();
    world.server.setMood("absent");
    world.setCookies(hour(world.now()));
    const models = createModels(world.ports);
    open.push(models);
    await turns();
    await models.fastForward.forward(600);
    expect(world.cookies.cookies[0]?.expiresAt).toBe(world.now() + 3_000_000);
  });
});

describe("editing a cookie", () => {
  it("keeps what the server changed meanwhile, and so does undo", async () => {
    const { world, models } = await start((now) => [fillCookie({ value: "key", expiresAt: now + 60_000 })]);
    const [before] = world.cookies.cookies;
    if (before === undefined) throw new Error("There is a cookie.");
    models.cookieEditor.begin(before);
    models.cookieEditor.change({ httpOnly: false });
    world.setCookies([{ ...before, value: "rotated", expiresAt: world.now() + 90_000 }]);
    await turns();
    await models.cookieEditor.save();
    const saved = { ...before, value: "rotated", expiresAt: world.now() + 90_000 };
    expect(world.cookies.cookies).toEqual([{ ...saved, httpOnly: false }]);
    world.setCookies([{ ...saved, httpOnly: false, value: "again" }]);
    await turns();
    await models.undo.undo();
    expect(world.cookies.cookies).toEqual([{ ...saved, value: "again" }]);
  });

  it("keeps every field that was not changed, including the exact expiry", async () => {
    const { world, models } = await start((now) => [
      fillCookie({ value: "key", expiresAt: now + 1_234_567 }),
    ]);
    const before = world.cookies.cookies[0];
    if (before === undefined) throw new Error("There is a cookie.");
    models.cookieEditor.begin(before);
    models.cookieEditor.change({ value: "other" });
    await models.cookieEditor.save();
    expect(world.cookies.cookies).toEqual([{ ...before, value: "other" }]);
    await models.undo.undo();
    expect(world.cookies.cookies).toEqual([before]);
  });

  it("says why the browser refused, and that nothing was lost", async () => {
    const { world, models } = await start(() => [fillCookie({ value: "key" })]);
    const [cookie] = world.cookies.cookies;
    if (cookie === undefined) throw new Error("There is a cookie.");
    world.refuseCookies = "SameSite=None needs Secure.";
    models.cookieEditor.begin(cookie);
    models.cookieEditor.change({ sameSite: "no_restriction" });
    await models.cookieEditor.save();
    expect(models.cookieEditor.refusal.value).toBe("SameSite=None needs Secure. The cookie is as it was.");
    expect(models.cookieEditor.draft.value).not.toBeNull();
  });

  it("deletes with undo", async () => {
    const { world, models } = await start(() => [fillCookie({ value: "key" })]);
    const [cookie] = world.cookies.cookies;
    if (cookie === undefined) throw new Error("There is a cookie.");
    await models.cookieEditor.remove(cookie);
    expect(world.cookies.cookies).toEqual([]);
    await models.undo.undo();
    expect(world.cookies.cookies).toEqual([cookie]);
  });
});
