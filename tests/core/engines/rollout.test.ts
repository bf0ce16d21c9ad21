/** Half of the requests to the app on express-session, half to the one on session-bridge, over one Redis. */
import { expect, it } from "vitest";
import { runRollout } from "./rollout.ts";

it("logs no user out and loses no change while a user's requests follow each other", async () => {
  const result = await runRollout({ users: 30, rounds: 8, burst: 1 });
  expect(result).toMatchObject({ loggedOut: 0, changes: 240, lostBy: { old: 0, new: 0 } });
  expect(Math.min(...Object.values(result.answered))).toBeGreaterThan(80);
});

it("overwrites nothing of the old app while a user's requests come at the same time", async () => {
  const result = await runRollout({ users: 30, rounds: 3, burst: 3 });
  expect(result).toMatchObject({ loggedOut: 0, changes: 270, lostBy: { new: 0 } });
});
