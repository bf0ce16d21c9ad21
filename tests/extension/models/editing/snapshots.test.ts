/** Snapshots of cookies and session together, and what is exported and imported as text. */
import { describe, expect, it, onTestFinished } from "vitest";
import { noteText } from "../../../../extension/logic/timeline/note-text.ts";
import { createModels, type Models } from "../../../../extension/models/index.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../../panel/memory-ports/world.ts";

async function start(world: MemoryWorld) {
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  return models;
}

/** Reads a text and sets the cookies in it. */
async function setRead({ exchange }: Models, text: string): Promise<void> {
  const read = await exchange.read(text);
  await exchange.setCookies(read?.cookies ?? []);
}

const session = (value: string) => fillCookie({ id: "s", name: "sessionid", value, domain: "localhost" });
const values = (world: MemoryWorld) => world.cookies.cookies.map(({ name, value }) => `${name}=${value}`);

describe("snapshots", () => {
  it("switch john_doe and guest, server and cookie together, and undo exactly", async () => {
    const world = createMemoryWorld();
    world.server.put("guest-key", { visits: 1 });
    world.setCookies([session("guest-key")]);
    const models = await start(world);
    await models.snapshots.take("guest");
    world.server.put("john-key", { user_id: 123 });
    world.setCookies([session("john-key")]);
    await pass(world, 1000);
    await models.snapshots.take("john_doe");
    world.server.put("john-key", { user_id: 123, cart: ["tea"] });
    const [guest] = models.snapshots.snapshots.value;
    if (!guest) throw new Error("there is no snapshot");
    await models.snapshots.restore(guest);
    expect(values(world)).toEqual(["sessionid=guest-key"]);
    await models.undo.undo();
    expect(values(world)).toEqual(["sessionid=john-key"]);
    expect(world.server.read("john-key")?.dataJson).toBe('{"user_id":123,"cart":["tea"]}');
    const john = models.snapshots.snapshots.value.find(({ name }) => name === "john_doe");
    if (john) await models.snapshots.restore(john);
    expect(world.server.read("john-key")?.dataJson).toBe('{"user_id":123}');
  });

  it("work in a tab without a session", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    await models.snapshots.take("without a session");
    world.server.put("john-key", { user_id: 123 });
    world.setCookies([session("john-key")]);
    await pass(world, 1000);
    const [without] = models.snapshots.snapshots.value;
    if (without) await models.snapshots.restore(without);
    expect(values(world)).toEqual([]);
    await models.undo.undo();
    expect(values(world)).toEqual(["sessionid=john-key"]);
  });

  it("leave the browser unchanged when the server refuses", async () => {
    const world = createMemoryWorld();
    world.server.put("one", {});
    world.setCookies([session("one")]);
    const models = await start(world);
    await models.snapshots.take("one");
    world.setCookies([session("two")]);
    await pass(world, 1000);
    world.server.setMood("refused");
    const [one] = models.snapshots.snapshots.value;
    if (one) await models.snapshots.restore(one);
    expect(values(world)).toEqual(["sessionid=two"]);
    expect(models.undo.offered.value?.text).toContain("The server did not take it back");
  });

  it("can be undone when the server accepted its part and the browser refused the cookies", async () => {
    const world = createMemoryWorld();
    world.server.put("one", { visits: 1 });
    world.setCookies([session("one")]);
    const models = await start(world);
    await models.snapshots.take("one");
    world.server.put("one", { visits: 9 });
    world.refuseCookies = "The jar is closed.";
    const [one] = models.snapshots.snapshots.value;
    if (one) await models.snapshots.restore(one);
    expect(world.server.read("one")?.dataJson).toBe('{"visits":1}');
    expect(models.undo.offered.value?.text).toContain("sessionid (The jar is closed.)");
    world.refuseCookies = null;
    await models.undo.undo();
    expect(world.server.read("one")?.dataJson).toBe('{"visits":9}');
  });

  it("do not touch cookies that were not watched when they were taken", async () => {
    const world = createMemoryWorld();
    const other = fillCookie({ id: "o", name: "consent", value: "yes", recognised: null });
    world.server.put("guest", {});
    world.setCookies([session("guest"), other]);
    const models = await start(world);
    await models.snapshots.take("guest");
    models.preferences.set({ watch: "all" });
    const [guest] = models.snapshots.snapshots.value;
    if (guest) await models.snapshots.restore(guest);
    expect(values(world).toSorted()).toEqual(["consent=yes", "sessionid=guest"]);
  });

  it("do not touch cookies whose names were watched only later, and restore those that were watched", async () => {
    const world = createMemoryWorld();
    const flash = fillCookie({ id: "f", name: "session-flash__session", value: "a", recognised: null });
    world.server.put("guest", {});
    world.setCookies([session("guest"), flash]);
    const models = await start(world);
    await models.snapshots.take("before");
    models.preferences.watchNames(["session-flash__session"]);
    await models.snapshots.take("after");
    world.setCookies([session("guest"), { ...flash, value: "b" }]);
    const [before, after] = models.snapshots.snapshots.value;
    if (before) await models.snapshots.restore(before);
    expect(values(world).toSorted()).toEqual(["session-flash__session=b", "sessionid=guest"]);
    if (after) await models.snapshots.restore(after);
    expect(values(world).toSorted()).toEqual(["session-flash__session=a", "sessionid=guest"]);
  });

  it("survive a panel reload while DevTools is open", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    await models.snapshots.take("guest");
    const next = await start(world);
    expect(next.snapshots.snapshots.value.map(({ name }) => name)).toEqual(["guest"]);
  });
});

describe("cookies as text", () => {
  it("are exported in a format and imported through the browser", async () => {
    const world = createMemoryWorld();
    world.setCookies([session("abc")]);
    const models = await start(world);
    const text = models.exchange.cookiesAs("netscape");
    world.setCookies([]);
    await pass(world, 1000);
    await setRead(models, text);
    expect(values(world)).toEqual(["sessionid=abc"]);
    await models.undo.undo();
    expect(values(world)).toEqual([]);
  });

  it("are undone with what they overwrote, even if it is not in the list", async () => {
    const world = createMemoryWorld();
    const other = fillCookie({ id: "", name: "consent", value: "yes", recognised: null });
    world.setCookies([other]);
    const models = await start(world);
    await setRead(models, "consent=no");
    expect(values(world)).toEqual(["consent=no"]);
    await models.undo.undo();
    expect(values(world)).toEqual(["consent=yes"]);
  });

  it("do not include a cookie that the browser refused", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.request({ url: "http://localhost:8000/login", setCookies: ["sessionid=abc; SameSite=None"] });
    await pass(world, 1000);
    expect(models.cookies.rows.value.map((row) => row.problem)).toEqual([expect.any(String)]);
    expect(JSON.parse(models.exchange.cookiesAs("json"))).toEqual([]);
  });

  it("say which ones the browser refused", async () => {
    const world = createMemoryWorld();
    const models = await start(world);
    world.refuseCookies = "The browser says no.";
    await setRead(models, "a=1");
    expect(models.undo.offered.value?.text).toContain("a: The browser says no.");
  });
});

describe("the history as text", () => {
  it("is exported without secrets and opened read-only in place of the tab's rows", async () => {
    const world = createMemoryWorld();
    world.setCookies([session("cAnArY-value")]);
    const models = await start(world);
    world.request({
      url: "http://localhost:8000/login?token=cAnArY-value",
      setCookies: ["sessionid=cAnArY-value"],
      status: 302,
    });
    await pass(world, 1000);
    const { text, replaced } = models.exchange.history();
    expect(text).not.toContain("cAnArY");
    expect(replaced.cookie).toBe(1);
    expect(await models.exchange.open(text)).toBe("opened");
    world.request({ url: "http://localhost:8000/later" });
    await pass(world, 1000);
    expect(models.view.rows.value.map((entry) => entry.type === "request" && entry.request.url)).toEqual([
      "http://localhost:8000/login?token=%E2%80%A6",
    ]);
    models.exchange.close();
    expect(models.view.rows.value).toHaveLength(2);
  });

  it.each([
    ["{", "not JSON"],
    ['{"format":"sessions-devtools-history","version":9}', "version 9"],
  ])("is refused with the reason: %s", async (text, reason) => {
    const models = await start(createMemoryWorld());
    expect(await models.exchange.open(text)).toEqual({ problem: expect.stringContaining(reason) });
  });

  it("reports one omitted row in the singular", async () => {
    const models = await start(createMemoryWorld());
    const file = { format: "sessions-devtools-history", version: 1, requests: [{}], traces: [], cookies: [] };
    await models.exchange.open(JSON.stringify(file));
    expect(models.undo.offered.value?.text).toBe("Left out because it could not be read: 1 row of the file");
    expect(noteText({ kind: "dropped", count: 1 }).text).toBe("1 older row was dropped");
  });

  it("is checked row by row", async () => {
    const models = await start(createMemoryWorld());
    const file = {
      format: "sessions-devtools-history",
      version: 1,
      requests: [{ id: 1 }],
      traces: [{ __proto__: null }],
      cookies: [],
    };
    expect(await models.exchange.open(JSON.stringify(file))).toBe("opened");
    expect(models.exchange.opened.value).toEqual([]);
    expect(models.undo.offered.value?.text).toContain("2 rows of the file");
  });
});
