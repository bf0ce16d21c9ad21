/** The roll-out of an app that comes from express-session, with a thousand users. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RedisServer, startRedis } from "../core/engines/redis-server.ts";
import { type RolloutResult, runRollout } from "../core/engines/rollout.ts";

const USERS = 1000;
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

it("logs no user out and loses no change while a user's requests follow each other", async () => {
  const result = await report("one request at a time", { users: USERS, rounds: 10, burst: 1 });
  expect(result, result.repeat).toMatchObject({
    loggedOut: 0,
    changes: USERS * 10,
    lostBy: { old: 0, new: 0 },
  });
}, 1_200_000);

it("loses only what express-session overwrites while a user's requests come at the same time", async () => {
  const result = await report("four requests at a time", { users: USERS, rounds: 3, burst: 4 });
  expect(result, result.repeat).toMatchObject({ loggedOut: 0, changes: USERS * 12, lostBy: { new: 0 } });
}, 1_200_000);

async function report(
  name: string,
  options: { users: number; rounds: number; burst: number },
): Promise<RolloutResult> {
  const result = await runRollout({ ...options, address: server.address });
  const { answered, loggedOut, changes, lostBy } = result;
  console.table({
    [name]: { ...answered, loggedOut, changes, lostByOld: lostBy.old, lostByNew: lostBy.new },
  });
  return result;
}
