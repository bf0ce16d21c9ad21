/**
 * Attacker: a user of the same server who has seen the victim's panel and terminal. Holds: the short form of the key, the key's
 * id, the version and ids of traces. Wants: any of these to be accepted as the cookie.
 */
import { it } from "vitest";
import { callAll, expectNothing, openScene, overhear, readAsVictim } from "../kit/scene.ts";

it("nothing that a panel or a log line shows of a session replaces its cookie", async () => {
  const scene = await openScene();
  const { session } = (await readAsVictim(scene)).json;
  const { key, keyId, version, encoded } = session;
  const [head, tail] = key.split("…");
  const texts = [
    key,
    keyId,
    version,
    encoded,
    `${head}%E2%80%A6${tail}`,
    `${head}${"_".repeat(24)}${tail}`,
    `${head}*${tail}`,
    `${head}%${tail}`,
    head + tail,
    ...scene.victim.traceIds,
  ];
  await expectNothing(scene, async () => {
    const received = [await overhear(scene.site, { cookies: texts.slice(0, 20) })];
    for (const text of texts) received.push(...(await callAll(scene.site, text, version)));
    return received;
  });
});
