/**
 * Attacker: a developer who runs another server, with the SECRET_KEY of the example that both projects were copied from.
 * Holds: a key, a sealed copy, versions and trace ids of their own server. Wants: these to be accepted at the victim's server.
 */
import { expect, it } from "vitest";
import { call, readSession } from "../../bridge/site.ts";
import { callAll, expectNothing, openScene, overhear } from "../kit/scene.ts";

it("proofs and sealed copies of one server open no session of another", async () => {
  const theirs = await openScene();
  const own = await openScene();
  const { attacker } = own;
  const kept = (await call(own.site, "session", { cookie: attacker.cookie, keep: true })).json.kept;
  const { version } = await readSession(own.site, attacker.cookie);
  await expectNothing(theirs, async () => {
    const { site, victim } = theirs;
    const disguised = { cookie: victim.cookie, sealed: kept.sealed };
    const forged = await call(site, "restore", { cookie: victim.cookie, kept: disguised, replaces: null });
    expect(forged.json.code).toBe("not-possessed");
    const stranger = await call(site, "session", { cookie: attacker.cookie });
    expect(stranger.json).toMatchObject({ found: false, reason: "unknown" });
    return [
      ...(await callAll(site, attacker.cookie, version)),
      await overhear(site, { cookies: attacker.held, ids: [...attacker.traceIds, ...victim.traceIds] }),
      forged.text,
    ];
  });
  expect((await call(own.site, "session", { cookie: attacker.cookie })).json.found).toBe(true);
});
