/**
 * Attacker: someone who runs another app whose traces go into the same stream of the same Redis, under its default name. Holds: a
 * separate bridge and secret, and the ids of the victim's traces. Wants: their bridge to hand out the victim's traces.
 */
import { createClient } from "redis";
import { redisLog } from "session-bridge/bridge";
import { expect, it } from "vitest";
import { CANARY, expectNothing, later, listenIn, openScene, overhear } from "../kit/scene.ts";

const REDIS = "redis://127.0.0.1:6379";

it("another app's bridge returns none of them, whatever is proven to it or requested from it", async () => {
  const name = `attacks:${process.pid}:${Date.now()}`;
  const redis = await createClient({ url: REDIS }).connect();
  later(async () => {
    await redis.del([name, `{${name}}:newest`]);
    redis.destroy();
  });
  const log = () => redisLog(REDIS, { name, log: () => {} });
  const scene = await openScene({ bridge: { traceLog: log() } });
  const own = await openScene({
    bridge: { traceLog: log() },
    sessions: { secretKey: "a secret of the attacker" },
  });
  const { site, victim } = scene;
  await victim.visit("/read");
  const control = await listenIn(site, { cookies: [victim.cookie] });
  await control.trace("/set");
  expect(JSON.stringify(control.events)).toContain(CANARY);
  const stream = JSON.stringify(await redis.xRange(name, "-", "+"));
  expect(stream).toContain(CANARY);
  for (const key of victim.held) expect(stream).not.toContain(key);
  await expectNothing(scene, async () => {
    const cookies = [...own.attacker.held, ...victim.traceIds];
    const heard = await overhear(own.site, { cookies, ids: victim.traceIds });
    for (const id of victim.traceIds) expect(heard).not.toContain(id);
    return [heard];
  });
});
