/**
 * Attacker: someone who used this browser before the victim. Holds: the key of the session that they had until they logged out, and a stream
 * on it that they left open. Wants: to see the session of the victim, who logs in next in the same browser, on that stream.
 */
import { expect, it } from "vitest";
import { Visitor } from "../../bridge/site.ts";
import { CANARY, expectNothing, listenIn, openScene, overhear, SET_CANARY } from "../kit/scene.ts";

it("a stream on an ended session shows its logout, and nothing of the next user's session", async () => {
  const scene = await openScene();
  const { site, attacker } = scene;
  const browser = new Visitor(site);
  await browser.visit("/login", "POST");
  const stream = await listenIn(site, { cookies: browser.held });
  await browser.visit("/logout", "POST");
  await stream.trace("/logout");
  const ofBefore = [...browser.held];
  await browser.visit(SET_CANARY);
  await browser.visit("/login", "POST");
  await expectNothing(scene, async () => {
    const last = await listenIn(site, { cookies: attacker.held });
    await attacker.visit("/read");
    await last.trace("/read");
    expect(stream.events.filter(({ type }) => type === "trace")).toHaveLength(2);
    return [
      JSON.stringify(stream.events),
      await overhear(site, { cookies: ofBefore, ids: browser.traceIds }),
    ];
  });
  const control = await listenIn(site, { cookies: [browser.cookie] });
  await control.trace("/login");
  expect(JSON.stringify(control.events)).toContain(CANARY);
});
