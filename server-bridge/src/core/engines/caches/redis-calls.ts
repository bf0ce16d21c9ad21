/** What is asked of a client in more than one step: scripts by their digest, and whether anyone answers. */
import { messageOf } from "../../errors.ts";
import type { RedisClient } from "./redis-client.ts";
import type { Script } from "./redis-scripts.ts";

/** Names in the first, second and last third of a Cluster's slots. */
export const PING_NAMES = [
  "session-bridge:ping:d",
  "session-bridge:ping:a",
  "session-bridge:ping:b",
] as const;

/** Runs a script that the server may know. */
export async function runOn(
  client: RedisClient,
  script: Script,
  options: { keys: string[]; arguments: string[] },
): Promise<unknown> {
  try {
    return await client.evalSha(script.sha, options);
  } catch (error) {
    // The server was restarted, or is another node of the Cluster: this makes it cache the script.
    if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
    return await client.eval(script.text, options);
  }
}

/** A user who may not PING gets a refusal, which is an answer too. */
export async function pingServer(client: RedisClient): Promise<unknown> {
  const ping: unknown = Reflect.get(client, "ping");
  try {
    return await (typeof ping === "function" ? ping.call(client) : client.get(PING_NAMES[0]));
  } catch (error) {
    if (!messageOf(error).startsWith("NOPERM")) throw error;
    return null;
  }
}

/** A Cluster is up if any of its nodes answers: these names belong to different parts of it. */
export async function pingCluster(client: RedisClient): Promise<unknown> {
  try {
    return await Promise.any(PING_NAMES.map((name) => client.get(name)));
  } catch (error) {
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    if (!messageOf(first).startsWith("NOPERM")) throw first;
    return null;
  }
}
