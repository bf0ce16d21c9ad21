/** Cookies whose signature is in a second cookie: the bridge is sent both, although the models name only the value. */
import { describe, expect, it } from "vitest";
import { createPossessions, withPossessions } from "../../../../extension/models/connection/possessions.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { turns } from "../../../panel/memory-ports/turns.ts";
import { fillCookie } from "../../../panel/memory-ports/world.ts";
import { A, askedOf, createWorld, KEY, start } from "./origins-world.ts";

const NAME = "sessionid.sig";

function createSignedWorld() {
  const world = createWorld(`${A}/`, [A]);
  const server = world.servers.get(A);
  if (server === undefined) throw new Error("there is a server at A");
  server.hello = { ...server.hello, signatureNames: [NAME] };
  const setSignature = (signature: string) =>
    world.setCookies([fillCookie({ value: KEY }), fillCookie({ name: NAME, value: signature })]);
  setSignature("first");
  return { world, server, setSignature };
}

const proofsOf = (world: ReturnType<typeof createWorld>) =>
  askedOf(world, A).flatMap(({ name, request }) =>
    name === "traces" ? [(request as { cookies: string[] }).cookies] : [],
  );

describe("a bridge that names second cookies", () => {
  it("is sent value and signature for traces and for the session", async () => {
    const { world } = createSignedWorld();
    await start(world);
    expect(proofsOf(world).at(-1)).toEqual([`${KEY}; ${NAME}=first`]);
    const read = askedOf(world, A).find(({ name }) => name === "session");
    expect(read?.request).toMatchObject({ cookie: `${KEY}; ${NAME}=first` });
  });

  it("is called again when the signature comes after the value", async () => {
    const { world, setSignature } = createSignedWorld();
    await start(world);
    setSignature("second");
    await turns();
    expect(proofsOf(world).at(-1)).toEqual([`${KEY}; ${NAME}=second`]);
  });

  it("is sent what a response has just set", async () => {
    const { world } = createSignedWorld();
    await start(world);
    world.request({ url: `${A}/login`, setCookies: ["sessionid=fresh; Path=/", `${NAME}=new; Path=/`] });
    await turns();
    expect(proofsOf(world).at(-1)).toContain(`fresh; ${NAME}=new`);
  });
});

describe("a bridge that names none", () => {
  it("is sent only the value, even if a cookie has that name", async () => {
    const { world, server } = createSignedWorld();
    server.hello = { ...server.hello, signatureNames: [] };
    await start(world);
    expect(proofsOf(world).at(-1)).toEqual([KEY]);
  });
});

it("signs both cookies of a restore, and knows only the signature of its own origin", async () => {
  const server = createMemoryServer(() => 0);
  const possessions = createPossessions();
  possessions.learn(A, "old", NAME, "1");
  possessions.learn(A, "new", NAME, "2");
  const bridge = withPossessions(server, possessions);
  const kept = {
    cookie: `old; ${NAME}=1`,
    sealed: JSON.stringify({ dataJson: "{}", expiresAt: null, version: 1 }),
  };
  const request = { protocol: 1, cookie: kept.cookie, kept, replaces: "new" };
  await bridge.call(A, "restore", request);
  await bridge.call("http://localhost:1", "restore", { ...request, cookie: "old", replaces: null });
  expect(server.asked.map((each) => each.request)).toEqual([
    { ...request, replaces: `new; ${NAME}=2` },
    { ...request, cookie: "old", replaces: null },
  ]);
});
