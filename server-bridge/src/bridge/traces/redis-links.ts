/** The two connections of a trace log in Redis: writing and waiting for news need one each. */
import { openServer } from "../../core/engines/caches/redis-client.ts";

/** What is needed of a connected client of the package `redis`. */
export interface RedisConnection {
  sendCommand(command: string[]): Promise<unknown>;
  duplicate(): RedisConnection & { connect(): Promise<unknown>; destroy(): void };
}

/** One connection. */
export interface Link {
  ask(command: string[]): Promise<unknown>;
  end(): Promise<void>;
}

/** A connection of our own, which fails at once instead of waiting for a server that is not there. */
function openLink(address: string): Link {
  const { client, ready, end } = openServer(address, () => {}); // the log says itself, once, that Redis does not answer
  const connection = client as unknown as RedisConnection; // the driver's client has both shapes, by its documentation
  return {
    async ask(command) {
      await ready();
      return connection.sendCommand(command);
    },
    end,
  };
}

/**
 * A connection to write with and one to wait with.
 *
 * @param target an address, or a connected client of the package `redis`
 */
export function openLinks(target: string | RedisConnection): [writer: Link, reader: Link] {
  return typeof target === "string" ? [openLink(target), openLink(target)] : linksOf(target);
}

/** The user's client to write with, and a second one like it to wait with. */
function linksOf(client: RedisConnection): [Link, Link] {
  const second = client.duplicate();
  let connected: Promise<unknown> | null = null;
  return [
    { ask: (command) => client.sendCommand(command), end: async () => {} },
    {
      async ask(command) {
        connected ??= second.connect();
        await connected;
        return second.sendCommand(command);
      },
      end: async () => second.destroy(),
    },
  ];
}
