/**
 * Attacker: a visitor of a site with signed cookies. Holds: the same cookie as the victim, since both had the same data in the same second.
 * Wants: from the findings about one of their requests that overlaps with the victim's, what the victim's request wrote.
 */
import { signedCookies } from "session-bridge";
import { cutMark } from "session-bridge/protocol";
import { expect, it } from "vitest";
import { START } from "../../bridge/panel.ts";
import { Visitor } from "../../bridge/site.ts";
import { CANARY, listenIn, openScene } from "../kit/scene.ts";

it("a finding names no key of a session with the same cookie, and none of its requests", async () => {
  const clock = () => START;
  const slow = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { site } = await openScene({
    engine: signedCookies(),
    sessions: { clock },
    bridge: { clock },
    async app({ session, url = "" }, response) {
      if (url === "/last") session.get("views");
      if (url === "/first") session.set("views", 1);
      if (url === "/victim") session.set(CANARY, "and its value");
      if (url === "/slow") {
        session.get("views");
        arrived.resolve();
        await slow.promise;
        session.set("views", 2);
      }
      response.end();
    },
  });
  const [victim, attacker] = [new Visitor(site), new Visitor(site)];
  for (const one of [victim, attacker]) await one.visit("/first");
  expect(attacker.cookie).toBe(victim.cookie);
  const visiting = attacker.visit("/slow");
  await arrived.promise;
  await victim.visit("/victim");
  slow.resolve();
  await visiting;
  await attacker.visit("/last");
  const listener = await listenIn(site, { cookies: attacker.held });
  await listener.trace("/last");
  expect(JSON.stringify(listener.events)).not.toContain(CANARY);
  expect(JSON.stringify(listener.events)).not.toContain(victim.traceIds.at(-1));
  const control = await listenIn(site, { cookies: [...victim.held, ...attacker.held] });
  expect((await control.trace("/victim")).changes).toMatchObject([{ key: CANARY }]);
  expect((await control.trace("/slow")).findings).toEqual([
    { code: "lost-update", keys: [cutMark("1 key")] },
  ]);
});
