/** How the timeline handles navigations: each is noted once, and only the previous page's rows are dropped. */
import { describe, expect, it, onTestFinished } from "vitest";
import { pageOf } from "../../../../extension/logic/timeline/entry.ts";
import { createModels } from "../../../../extension/models/index.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";

const SITE = "http://localhost:8000";

async function open({ preserveLog = true, page = "/" } = {}) {
  const world = createMemoryWorld({ url: `${SITE}${page}` });
  world.preferences = { preserveLog };
  world.setCookies([fillCookie()]);
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  const rows = () =>
    models.timeline.entries.value.flatMap((entry) => {
      if (entry.type === "note") return entry.note.kind === "navigation" ? `Went to ${entry.note.url}` : [];
      return entry.id;
    });
  /** A document at this address: its request and then the navigation, a few milliseconds apart. */
  const load = async (path: string, id: string) => {
    world.request({ id, url: `${SITE}${path}`, type: "document" });
    await pass(world, 20);
    world.navigate(`${SITE}${path}`);
    await pass(world, 1000);
  };
  const go = async (path: string) => {
    world.navigate(`${SITE}${path}`);
    await pass(world, 30);
  };
  return { world, models, rows, load, go };
}

describe("a navigation", () => {
  it("that Chrome reports twice, of a page from the back-forward cache, is noted once", async () => {
    const { rows, load, go } = await open();
    await load("/a", "a");
    await load("/b", "b");
    await go("/a");
    await go("/a");
    expect(rows()).toEqual(["a", `Went to ${SITE}/a`, "b", `Went to ${SITE}/b`, `Went to ${SITE}/a`]);
  });

  it("to another # fragment of the open page, or back from it, is not a navigation", async () => {
    const { rows, load, go } = await open();
    await go("/#top");
    await load("/a", "a");
    await go("/a#further");
    await go("/a");
    expect(rows()).toEqual(["a", `Went to ${SITE}/a`]);
  });

  it("to the same address is noted if the page is loaded again", async () => {
    const { rows, load } = await open();
    await load("/a", "a");
    await load("/a", "again");
    expect(rows()).toEqual(["a", `Went to ${SITE}/a`, "again", `Went to ${SITE}/a`]);
  });

  it("whose document is reported later is also noted once", async () => {
    const { world, rows, load, go } = await open();
    await load("/a", "a");
    const began = world.now();
    await pass(world, 10);
    await go("/a");
    expect(rows()).toEqual(["a", `Went to ${SITE}/a`]);
    world.request({ id: "again", url: `${SITE}/a`, type: "document", at: began });
    await pass(world, 1000);
    expect(rows()).toEqual(["a", `Went to ${SITE}/a`, "again", `Went to ${SITE}/a`]);
  });

  it("to the page that the panel found open is not noted without a new document", async () => {
    const { world } = await open();
    world.history.requests.push(world.request({ id: "page", url: `${SITE}/`, type: "document" }));
    const again = createModels(world.ports);
    onTestFinished(() => again[Symbol.dispose]());
    await pass(world, 1000);
    world.navigate(`${SITE}/#top`);
    await pass(world, 1000);
    expect(again.timeline.entries.value.map(({ id }) => id)).toEqual(["page"]);
  });
});

describe("where the log is not preserved", () => {
  it("pushState drops nothing: it is the same document", async () => {
    const { world, rows, load, go } = await open({ preserveLog: false });
    await load("/a", "a");
    world.request({ id: "call", url: `${SITE}/api`, type: "fetch" });
    await go("/a/pushed");
    expect(rows()).toEqual(["a", `Went to ${SITE}/a`, "call", `Went to ${SITE}/a/pushed`]);
  });

  it("another # fragment drops nothing", async () => {
    const { rows, load, go } = await open({ preserveLog: false });
    await load("/a", "a");
    await go("/a#further");
    expect(rows()).toEqual(["a", `Went to ${SITE}/a`]);
  });

  it("a page drops the previous one when its document is reported later, and keeps its own rows", async () => {
    const { world, rows, load, go } = await open({ preserveLog: false });
    await load("/a", "a");
    const began = world.now();
    world.request({ id: "of-b", url: `${SITE}/style`, type: "stylesheet", at: began + 5 });
    await pass(world, 10);
    await go("/b");
    world.request({ id: "b", url: `${SITE}/b`, type: "document", at: began });
    await pass(world, 1000);
    expect(rows()).toEqual(["b", "of-b", `Went to ${SITE}/b`]);
  });

  it("a page that is visited again drops its own first visit", async () => {
    const { rows, load } = await open({ preserveLog: false });
    await load("/a", "a");
    await load("/a", "again");
    expect(rows()).toEqual(["again", `Went to ${SITE}/a`]);
  });
});

it("rows of an earlier page do not belong to the page that the panel found open", async () => {
  const world = createMemoryWorld({ url: "http://localhost:3000/" });
  world.setCookies([fillCookie()]);
  const fill = (id: string, url: string) => {
    world.history.requests.push(world.request({ id, url, type: "document" }));
    world.advance(10);
  };
  fill("before", `${SITE}/`);
  fill("page", "http://localhost:3000/");
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await pass(world, 1000);
  const pages = models.timeline.entries.value.map((entry) => [entry.id, pageOf(entry)]);
  expect(pages).toEqual([
    ["before", null],
    ["page", "http://localhost:3000"],
  ]);
});
