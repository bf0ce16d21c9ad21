/** The masters behind a client, for what has to be asked of each of them. */
import type { RedisClient } from "./redis-client.ts";

/** A client for each master of a Cluster, or the client itself: a pool and a Sentinel ask the one master. */
export async function mastersOf(
  client: RedisClient,
): Promise<{ readonly clients: readonly RedisClient[]; readonly isCluster: boolean }> {
  const masters: unknown = Reflect.get(client, "masters");
  if (typeof masters === "function") return { clients: await masters.call(client), isCluster: true };
  const nodeClient: unknown = Reflect.get(client, "nodeClient");
  if (!Array.isArray(masters) || typeof nodeClient !== "function")
    return { clients: [client], isCluster: false };
  return {
    clients: await Promise.all(masters.map((node) => nodeClient.call(client, node))),
    isCluster: true,
  };
}
