/**
 * Attacker: a user of the same server. Holds: sealed copies of the attacker's session, which the bridge gave them. Wants: one
 * that opens under the victim's key, so that `restore` overwrites the victim's session. They cut, join and change its bytes.
 */
import { expect, it } from "vitest";
import { call } from "../../bridge/site.ts";
import { expectNothing, openScene, readAsVictim } from "../kit/scene.ts";

it("a seal that was cut, extended, joined or changed opens nothing under any key", async () => {
  const scene = await openScene();
  const { site, attacker, victim } = scene;
  const own = (await call(site, "session", { cookie: attacker.cookie, keep: true })).json.kept;
  const bytes = Buffer.from(own.sealed, "base64url");
  const { length } = bytes;
  const forged = [
    ...Array.from({ length: 28 }, (_, cut) => bytes.subarray(0, length - cut - 1)),
    ...Array.from({ length: 28 }, (_, cut) => bytes.subarray(cut + 1)),
    ...Array.from({ length }, (_, at) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))),
    Buffer.concat([bytes, bytes]),
    Buffer.concat([bytes.subarray(0, 12), bytes.subarray(-16)]),
    Buffer.alloc(28),
  ].map((one) => Buffer.from(one).toString("base64url"));
  const restore = async (cookie: string, sealed: string, sealedFor = cookie) =>
    call(site, "restore", { cookie, kept: { cookie: sealedFor, sealed }, replaces: null });
  await expectNothing(scene, async () => {
    const received: string[] = [];
    for (const sealed of forged) {
      const answer = await restore(attacker.cookie, sealed);
      expect(answer.json.code).toBe("not-possessed");
      received.push(answer.text);
    }
    received.push((await restore(victim.cookie, own.sealed)).text.replaceAll(victim.cookie, ""));
    received.push((await restore(victim.cookie, own.sealed, own.cookie)).text);
    return received;
  });
  expect((await restore(attacker.cookie, own.sealed)).status).toBe(200);
  const { kept } = (await readAsVictim(scene)).json;
  expect((await restore(victim.cookie, kept.sealed)).status).toBe(200);
});
