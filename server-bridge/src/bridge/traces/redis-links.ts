/** The two connections of a trace log in Redis: writing and waiting for news need one each. */
import { openServer } from "../../core/engines/caches/redis-client.ts";

/** The part of a connected client of the package `redis` that is needed. */
export interface RedisConnection {
  sendCommand(command: string[]): Promise<unknown>;
  duplicate(): RedisConnection & { connect(): Promise<unknown>; destroy(): void };
}

/** One connection. */
export interface Link {
  ask(command: string[]): Promise<unknown>;
  end(): Promise<void>;
}

/** Our own connection, which fails at once instead of waiting for a server that is not there. */
function openLink(address: string): Link {
  const { client, ready, end } = openServer(address, () => {}); // the log itself reports, once, that Redis does not answer
  const connection = client as unknown as RedisConnection; // the driver's client has both shapes, according to its documentation
  return {
    async ask(command) {
      await ready();
      return connection.sendCommand(command);
    },
    end,
  };
}

/**
 * A connection for writing and one for waiting.
 *
 * @param target an address, or a connected client of the package `redis`
 */
export function openLinks(target: string | RedisConnection): [writer: Link, reader: Link] {
  return typeof target === "string" ? [openLink(target), openLink(target)] : linksOf(target);
}

/** The user's client for writing, and a duplicate of it for waiting. */
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
