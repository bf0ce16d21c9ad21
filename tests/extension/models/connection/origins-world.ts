/** A simulated world with a separate server for each origin, all on one host: they share the browser's one cookie. */
import { onTestFinished } from "vitest";
import { createModels, type Models } from "../../../../extension/models/index.ts";
import { createMemoryServer, type MemoryServer } from "../../../panel/memory-ports/server.ts";
import { turns } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../../../panel/memory-ports/world.ts";

export const A = "http://localhost:4001";
export const B = "http://localhost:4002";
/** Id of a trace. */
export const TRACE = "t".repeat(22);
/** The value of the cookie. */
export const KEY = "one-cookie-for-both-apps";

/** The world with its page at `url`. Each server names its origin in its session; all other origins have no bridge. */
export function createWorld(url: string | null, origins: readonly string[] = [A, B]): MemoryWorld {
  const world = createMemoryWorld({ url });
  world.server.setMood("absent");
  for (const origin of origins) {
    const server: MemoryServer = createMemoryServer(world.now);
    server.put(KEY, { of: origin });
    server.hello.process = `log of ${origin}`;
    world.servers.set(origin, server);
  }
  world.setCookies([fillCookie({ value: KEY })]);
  return world;
}

/** The panel's models in it. They are disposed after the test. */
export async function start(world: MemoryWorld): Promise<Models> {
  const models = createModels(world.ports);
  onTestFinished(() => models[Symbol.dispose]());
  await turns();
  return models;
}

/** The calls that a server received. */
export const askedOf = (world: MemoryWorld, origin: string) =>
  (world.servers.get(origin) ?? world.server).asked.filter((each) => each.origin === origin);
/** Everything that a server received, as a string. */
export const sentTo = (world: MemoryWorld, origin: string): string => JSON.stringify(askedOf(world, origin));
/** The origin that the session pane is about. */
export const currentOf = (models: Models) => models.connection.current.value?.origin.value ?? null;
