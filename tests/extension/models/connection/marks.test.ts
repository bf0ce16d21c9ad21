/** When the page's responses bring the panel to the port that they name, and of which page they are. */
import { describe, expect, it, onTestFinished } from "vitest";
import { createModels, type Models } from "../../../../extension/models/index.ts";
import type { BridgeCaller } from "../../../../extension/ports/bridge.ts";
import { withFoundBridge } from "../../../../extension/ports/find-bridge.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, fillRequest } from "../../../panel/memory-ports/world.ts";

const PAGE = "http://localhost:5173";
const OTHER = "http://localhost:4000";
const BEFORE = "http://localhost:4100";
const APP = "http://localhost:3000";
const FIRST = "A".repeat(22);
const SECOND = "B".repeat(22);
const REMOTE = { at: null, state: "remote" };

/** A page behind a development server. The app proves only the traces that it has made since its last start. */
function openWorld() {
  const world = createMemoryWorld({ url: `${PAGE}/` });
  world.setCookies([fillCookie({ value: "key-one" })]);
  const made = new Set<string>();
  const called: string[] = [];
  const caller: BridgeCaller = {
    async call(url, name, request, via) {
      called.push(url);
      if (url !== APP) return { ok: false, problem: { kind: "absent", status: 404 } };
      if (name === "hello" && !made.has(via?.traceId ?? ""))
        return { ok: false, problem: { kind: "unproven", url } };
      return world.server.call(url, name, request);
    },
    traces: (url, request, signal) => world.server.traces(url, request, signal),
    useToken: async () => {},
  };
  /** The app answers a request of the page. */
  const answer = (traceId: string): void => {
    made.add(traceId);
    world.request({ url: `${PAGE}/api`, type: "fetch", traceId, bridge: ";at=3000" });
  };
  const restart = (): void => {
    made.clear();
    world.server.restart();
  };
  return { world, called, answer, restart, ports: { ...world.ports, bridge: withFoundBridge(caller) } };
}

async function openPanel({ ports }: ReturnType<typeof openWorld>): Promise<Models> {
  const models = createModels(ports);
  onTestFinished(() => models[Symbol.dispose]());
  await turns();
  return models;
}

const linkOf = (models: Models) => models.connection.current.value?.state.value;

describe("an app that has restarted behind a development server", () => {
  async function start() {
    const opened = openWorld();
    const models = await openPanel(opened);
    opened.answer(FIRST);
    await turns();
    expect(linkOf(models)).toMatchObject({ state: "ready" });
    await pass(opened.world, 10_000);
    opened.restart();
    await pass(opened.world, 2_000); // called again, it cannot prove the trace that named it
    return { ...opened, models };
  }

  it("is lost and called again, not absent, although it cannot prove the trace that named it", async () => {
    const { world, called, models } = await start();
    expect(linkOf(models)).toMatchObject({ state: "lost", cause: "unproven" });
    called.length = 0;
    await pass(world, 60_000);
    expect(linkOf(models)).toMatchObject({ state: "lost", cause: "unproven" });
    expect(called.length).toBeGreaterThan(2);
  });

  it("is ready with its next response, before the next call was due", async () => {
    const { world, answer, models } = await start();
    const lost = linkOf(models);
    answer(SECOND);
    await turns();
    expect(linkOf(models)).toMatchObject({ state: "ready", hello: { process: "p2" } });
    expect(lost?.state === "lost" && lost.retryAt > world.now()).toBe(true);
  });
});

describe("what responses say about their bridge", () => {
  it("counts again if the next page's responses say the same", async () => {
    const opened = openWorld();
    const { world } = opened;
    const models = await openPanel(opened);
    world.request({ url: `${PAGE}/a`, traceId: FIRST, bridge: ";state=remote" });
    expect(models.connection.mark.value).toEqual(REMOTE);
    await pass(world, 1_000);
    world.navigate(`${OTHER}/`);
    expect(models.connection.mark.value).toBeNull();
    await pass(world, 1_000);
    world.request({ url: `${OTHER}/b`, traceId: SECOND, bridge: ";state=remote" });
    expect(models.connection.mark.value).toEqual(REMOTE);
  });

  it("counts from before the panel was opened, if it is the open page's", async () => {
    const opened = openWorld();
    const { world, called } = opened;
    const past = (id: string, url: string, more: object = {}): void => {
      world.history.requests.push(fillRequest({ id, url, at: world.now(), ...more }));
      world.advance(10);
    };
    const traced = (traceId: string, bridge: string) => ({ type: "fetch", traceId, bridge });
    past("earlier page", `${BEFORE}/`, { ...traced("C".repeat(22), ";at=9"), type: "document" });
    past("page", `${PAGE}/`);
    past("own", `${PAGE}/api`, traced(FIRST, ";state=remote"));
    past("other", `${OTHER}/api`, traced(SECOND, ";at=4000"));
    const models = await openPanel(opened);
    expect(models.connection.mark.value).toEqual(REMOTE);
    expect(called).toContain(OTHER);
    expect(called).not.toContain(BEFORE);
  });
});
