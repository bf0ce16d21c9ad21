// @vitest-environment happy-dom
/** Whose data is shown and which server is called, as the panel names it: pane header, edits, the token field, notices. */
import { fireEvent, screen, within } from "@testing-library/preact";
import { describe, expect, it } from "vitest";
import { createMemoryServer, MEMORY_TOKEN, type MemoryServer } from "../memory-ports/server.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const PAGE = "http://localhost:5173";
const API = "http://localhost:3000";
const TRACE = "t".repeat(22);

function createWorld(url = `${PAGE}/`) {
  const world = createMemoryWorld({ url });
  world.server.setMood("absent");
  world.setCookies([fillCookie({ value: "key" })]);
  return world;
}

function addServer(world: MemoryWorld, origin: string): MemoryServer {
  const server = createMemoryServer(world.now);
  server.put("key", { of: origin });
  server.hello.process = `log of ${origin}`;
  world.servers.set(origin, server);
  return server;
}

describe("another origin than the page's own", () => {
  it("is named in the pane's header and on everything that would change it", async () => {
    const world = createWorld();
    addServer(world, API);
    openPanel(world);
    await turns();
    world.request({ url: `${API}/api`, traceId: TRACE });
    await pass(world, 1000);
    world.servers
      .get(API)
      ?.trace({ newKey: true, request: { method: "POST", path: "/x", status: 200, durationMs: 1 } });
    await pass(world, 3000);
    expect(screen.getByTitle(`changed outside this tab: POST ${API}/x`)).toBeDefined();
    const line = await screen.findByRole("note", { name: "Origin" });
    expect(line.textContent).toBe(`Session of ${API}. This page is ${PAGE}.`);
    for (const name of ["New key", "Flush session", "Edit session as JSON text", "Set expiry"])
      expect(screen.getByRole("button", { name: `${name} at ${API}` })).toBeDefined();
  });

  it("is named when one of its rows is selected, and the page's own is not", async () => {
    const world = createWorld();
    addServer(world, PAGE);
    addServer(world, API);
    const models = openPanel(world);
    await turns();
    world.request({ id: "api", url: `${API}/api`, traceId: TRACE });
    world.request({ id: "own", url: `${PAGE}/` });
    await pass(world, 1000);
    expect(screen.queryByRole("note", { name: "Origin" })).toBeNull();
    models.view.select("api");
    const line = await screen.findByRole("note", { name: "Origin" });
    expect(line.textContent).toContain(`Request to ${API}.`);
    models.view.select("own");
    await turns();
    expect(screen.queryByRole("note", { name: "Origin" })).toBeNull();
  });
});

it("a loopback port that answers for a server is named in the header and on everything that would change it", async () => {
  const world = createWorld();
  addServer(world, PAGE);
  const place = "http://127.0.0.1:47801";
  world.places.set(PAGE, place);
  openPanel(world);
  const line = await screen.findByRole("note", { name: "Origin" });
  expect(line.textContent).toBe(`Session of ${PAGE}, read through ${place}.`);
  expect(screen.getByRole("button", { name: `New key through ${place}` })).toBeDefined();
});

describe("the token's field", () => {
  it("names the page's own origin, and sends the token there", async () => {
    const world = createWorld();
    const server = addServer(world, PAGE);
    server.setMood("refused");
    openPanel(world);
    const field = await screen.findByLabelText(`Token for ${PAGE}`);
    fireEvent.input(field, { target: { value: MEMORY_TOKEN } });
    fireEvent.click(await screen.findByRole("button", { name: "Use token" }));
    await turns();
    expect(server.asked).toContainEqual({ origin: PAGE, name: "token", request: MEMORY_TOKEN });
    expect(world.server.asked.filter(({ name }) => name === "token")).toEqual([]);
  });

  it("is not shown for an image's server until the user chose it by its name (T28)", async () => {
    const world = createWorld();
    addServer(world, API).setMood("refused");
    openPanel(world);
    await turns();
    world.request({ url: `${API}/picture`, traceId: TRACE, type: "image" });
    const notice = await screen.findByRole("group", { name: "Another server of this page asks for a token" });
    expect(notice.textContent).toContain(API);
    expect(notice.textContent).toContain(PAGE);
    expect(screen.queryByLabelText(/Token/)).toBeNull();
    fireEvent.click(within(notice).getByRole("button", { name: `Show ${API}` }));
    expect(await screen.findByLabelText(`Token for ${API}`)).toBeDefined();
    expect(screen.getByRole("note", { name: "Origin" }).textContent).toContain(API);
  });

  it("is emptied when its origin changes", async () => {
    const world = createWorld();
    addServer(world, PAGE).setMood("refused");
    addServer(world, API).setMood("refused");
    openPanel(world);
    fireEvent.input(await screen.findByLabelText(`Token for ${PAGE}`), {
      target: { value: "typed for one" },
    });
    world.navigate(`${API}/`);
    const other = await screen.findByLabelText<HTMLInputElement>(`Token for ${API}`);
    expect(other.value).toBe("");
  });
});

it("two apps with one cookie name are reported, with the remedy (T29)", async () => {
  const world = createWorld();
  addServer(world, PAGE);
  addServer(world, API);
  openPanel(world);
  await turns();
  world.navigate(`${API}/`);
  const banner = await screen.findByRole("region", { name: "Shared cookie" });
  for (const part of [API, PAGE, "sessionid", "cookies ignore ports", "http://app.localhost:3000"])
    expect(banner.textContent).toContain(part);
  fireEvent.click(within(banner).getByRole("button", { name: "Got it" }));
  await turns();
  expect(screen.queryByRole("region", { name: "Shared cookie" })).toBeNull();
});

describe("ports of this machine", () => {
  it("are offered for a remote page, and called when the user agrees (T30)", async () => {
    const world = createWorld("https://shop.example/");
    openPanel(world);
    const ports = await screen.findByLabelText("Port on this machine");
    fireEvent.change(ports, { target: { value: "47802" } });
    const name = "Try this machine's port 47802 for https://shop.example";
    expect(world.did.join()).not.toContain("port");
    fireEvent.click(await screen.findByRole("button", { name }));
    expect(world.did).toContain("port 47802 for https://shop.example");
  });

  it("are not offered for a local page, for which they are called anyway", async () => {
    const world = createWorld();
    openPanel(world);
    world.request({ url: `${PAGE}/` }); // the page's server is seen to answer
    await pass(world, 1000);
    expect(screen.getByRole("group", { name: "See what your session holds" })).toBeDefined();
    expect(screen.queryByLabelText("Port on this machine")).toBeNull();
  });
});

describe("a bridge that cannot tell whose a cookie is", () => {
  it("says why, in its own words", async () => {
    const world = createWorld();
    const server = addServer(world, PAGE);
    server.hello = {
      ...server.hello,
      capabilities: [],
      unproven: `Give cookieSession its keys. ${"x".repeat(900)}`,
    };
    openPanel(world);
    const notice = await screen.findByRole("group", {
      name: "This bridge cannot tell who a cookie belongs to",
    });
    expect(notice.textContent).toContain("The server says: “Give cookieSession its keys.");
    expect(notice.textContent?.length).toBeLessThan(450);
    expect(server.asked.map(({ name }) => name)).not.toContain("session");
    world.request({ id: "own", url: `${PAGE}/` });
    await pass(world, 1000);
    screen.getByRole("grid", { name: "Requests" });
    expect(
      await screen.findByRole("group", { name: "This bridge cannot tell who a cookie belongs to" }),
    ).toBeDefined();
  });

  it("is called for the session again after the request in which its library accepts the cookie", async () => {
    const world = createWorld();
    const server = addServer(world, PAGE);
    const { call } = server;
    let accepted = false;
    server.call = async (origin, name, request) => {
      if (name !== "session" || accepted) return call(origin, name, request);
      const answer = { serverTime: world.now(), found: false, reason: "unproven" };
      return { ok: true, answer } as unknown as Awaited<ReturnType<typeof call<typeof name>>>; // that of `session`
    };
    const models = openPanel(world);
    const notice = await screen.findByRole("group", { name: "The server has not seen this cookie yet" });
    fireEvent.click(within(notice).getByRole("button", { name: "Reload page" }));
    expect(world.did).toContain("reload");
    const streams = server.asked.filter(({ name }) => name === "traces").length;
    accepted = true;
    world.request({ url: `${PAGE}/`, traceId: TRACE });
    await pass(world, 1000);
    expect(models.session.live.value.state).toBe("present");
    expect(server.asked.filter(({ name }) => name === "traces").length).toBeGreaterThan(streams);
  });
});

it("a refusal of an unknown kind is shown in the server's words", async () => {
  const world = createWorld();
  const server = addServer(world, PAGE);
  const refusal = { code: "other", message: "This bridge accepts another extension.", protocol: 1 } as const;
  server.call = async () => ({ ok: false, problem: { kind: "refused", status: 403, refusal } });
  openPanel(world);
  const notice = await screen.findByRole("group", { name: "The server refused the panel" });
  expect(notice.textContent).toContain("The server says: “This bridge accepts another extension.”");
});

it("for a page whose address the browser does not report, the panel asks for access and nothing else (T36)", async () => {
  const world = createMemoryWorld({ url: null });
  world.claim = "http://shop.example/";
  openPanel(world);
  const [notice] = await screen.findAllByRole("group", { name: "Let the panel read this site's cookies" });
  expect(notice?.textContent).toContain("shop.example");
  expect(world.server.asked).toEqual([]);
});
