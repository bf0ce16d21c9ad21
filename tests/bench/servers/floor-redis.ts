/** The floor on Redis: JSON under a key with a time to live, saved by a compare-and-set script. */
import { createHash } from "node:crypto";
import { createClient } from "redis";
import { AGE_SECONDS } from "../data.ts";
import type { Places } from "./contestant.ts";
import type { FloorStore } from "./floor-store.ts";

const SWAP = `if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1 end return 0`;

export async function openRedis({ redisUrl, id }: Places): Promise<FloorStore> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  await client.scriptLoad(SWAP);
  const sha = createHash("sha1").update(SWAP).digest("hex");
  const age = String(AGE_SECONDS);
  return {
    load: async (key) => {
      const text = await client.get(`${id}:${key}`);
      return text === null ? undefined : { stored: text, data: JSON.parse(text) };
    },
    save: async (key, stored, data) => {
      const text = JSON.stringify(data);
      return (await client.evalSha(sha, { keys: [`${id}:${key}`], arguments: [stored, text, age] })) === 1;
    },
    create: async (key, data) => {
      const options = { condition: "NX", expiration: { type: "EX", value: AGE_SECONDS } } as const;
      return (await client.set(`${id}:${key}`, JSON.stringify(data), options)) === "OK";
    },
  };
}
