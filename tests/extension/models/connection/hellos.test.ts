/** How often a bridge is called for the first time: once for each reason, never for each request. */
import { afterEach, describe, expect, it } from "vitest";
import { createModels, type Models } from "../../../../extension/models/index.ts";
import type { BridgeCaller } from "../../../../extension/ports/bridge.ts";
import { withFoundBridge } from "../../../../extension/ports/find-bridge.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../../panel/memory-ports/world.ts";

const PAGE = "http://localhost:5173";
const APP = "http://localhost:3000";

const open: Models[] = [];
afterEach(() => {
  for (const models of open.splice(0)) models[Symbol.dispose]();
});

/** A page behind a development server: calls to its own origin are answered with 404. */
async function start(serves: (url: string) => boolean) {
  const world = createMemoryWorld({ url: `${PAGE}/` });
  world.setCookies([fillCookie({ value: "key-one" })]);
  const hellos: string[] = [];
  const caller: BridgeCaller = {
    async call(url, name, request) {
      if (name === "hello") hellos.push(url);
      if (!serves(url)) return { ok: false, problem: { kind: "absent", status: 404 } };
      return world.server.call(url, name, request);
    },
    traces: (url, request, signal) => world.server.traces(url, request, signal),
    useToken: async () => {},
  };
  const ports = { ...world.ports, bridge: withFoundBridge(caller) };
  const models = createModels(ports);
  open.push(models);
  await turns();
  return { world, models, hellos };
}

async function sendMany(world: MemoryWorld, bridge: string, count = 1_000): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    const traceId = String(number).padStart(22, "A");
    world.request({ url: `${PAGE}/api/${number}`, type: "fetch", traceId, bridge });
    if (number % 50 === 0) await pass(world, 20);
  }
  await turns();
}

describe("a thousand requests through a development server", () => {
  it("cause one call of the page's own address and one of the port that they name", async () => {
    const { world, models, hellos } = await start((url) => url === APP);
    hellos.length = 0; // before any trace was seen, the ports of session-bridge django were called, too
    await sendMany(world, ";at=3000");
    expect(models.connection.current.value?.state.value.state).toBe("ready");
    expect(hellos).toEqual([APP]);
  });

  it.each([
    ["the bridge does not answer other machines", ";state=remote"],
    ["the bridge does not know the name", ";at=3000;state=hosts"],
    ["nothing answers there", ";at=3000"],
  ])("cause few calls if %s", async (_, bridge) => {
    const { world, hellos } = await start(() => false);
    hellos.length = 0;
    await sendMany(world, bridge);
    expect(hellos.length).toBeLessThanOrEqual(2);
  });

  it("cause few calls if they come from two backends in turn, neither of which answers", async () => {
    const { world, hellos } = await start(() => false);
    hellos.length = 0;
    for (let turn = 0; turn < 100; turn += 1) await sendMany(world, `;at=${3000 + (turn % 2)}`, 5);
    expect(hellos.length).toBeLessThanOrEqual(8);
  });

  it("are a reason again when they say something else", async () => {
    const { world, models, hellos } = await start((url) => url === APP);
    await sendMany(world, ";state=remote", 100);
    hellos.length = 0;
    await sendMany(world, ";at=3000", 100);
    expect(hellos).toContain(APP);
    expect(models.connection.current.value?.state.value.state).toBe("ready");
  });

  it("call no port of session-bridge django once a trace was seen", async () => {
    const { world, hellos } = await start(() => false);
    hellos.length = 0;
    await sendMany(world, ";state=remote", 100);
    await pass(world, 120_000);
    await sendMany(world, ";state=remote", 100);
    expect(hellos.length).toBeGreaterThan(0);
    expect(hellos.filter((url) => url.includes(":478"))).toEqual([]);
  });
});

describe("a new cookie, or a trace that does not arrive", () => {
  it("opens the stream again without another hello", async () => {
    const { world, hellos } = await start((url) => url === PAGE);
    expect(hellos).toEqual([PAGE]);
    world.setCookies([fillCookie({ value: "key-two" })]);
    await turns();
    world.request({ url: `${PAGE}/plain`, traceId: "B".repeat(22), bridge: "" });
    await pass(world, 5_000);
    expect(world.server.asked.filter(({ name }) => name === "traces").length).toBeGreaterThan(2);
    expect(hellos).toEqual([PAGE]);
  });
});

describe("what the page's responses say about their bridge", () => {
  const markOf = (models: Models) => models.connection.mark.value;

  it("is what the page's own responses said last", async () => {
    const { world, models } = await start(() => false);
    expect(markOf(models)).toBeNull();
    world.request({
      url: "http://localhost:4000/a.png",
      type: "image",
      traceId: "C".repeat(22),
      bridge: ";at=4000",
    });
    expect(markOf(models)).toBeNull();
    world.request({ url: `${PAGE}/api`, traceId: "D".repeat(22), bridge: ";at=3000;state=token" });
    expect(markOf(models)).toEqual({ at: { port: 3000, isTls: false }, state: "token" });
    world.request({ url: `${PAGE}/app.js`, traceId: null });
    expect(markOf(models)).toEqual({ at: { port: 3000, isTls: false }, state: "token" });
    await pass(world, 1_000);
    world.navigate("http://localhost:4000/");
    expect(markOf(models)).toBeNull();
  });
});
