/**
 * Attacker: someone who sends on a connection that the victim's panel used, as a relay on this machine could. Holds: no cookie. Wants:
 * the previous call's proof to count for the next one, by leaving the cookie out or hiding it in a prototype.
 */
import { expect, it } from "vitest";
import { EXTENSION_ORIGIN, rawCall, sendRaw } from "../../bridge/site.ts";
import { CANARY, expectNothing, openScene } from "../kit/scene.ts";

const HEADERS = ["Host: localhost", `Origin: ${EXTENSION_ORIGIN}`, "Content-Type: application/json"];

it("a call is judged only by its own proof, not by earlier calls on its connection", async () => {
  const scene = await openScene();
  const { site, victim, attacker } = scene;
  const proven = rawCall("session", HEADERS, JSON.stringify({ protocol: 1, cookie: victim.cookie }));
  const bodies = [
    '{"protocol":1}',
    '{"protocol":1,"cookie":""}',
    '{"protocol":1,"cookie":null}',
    '{"protocol":1,"cookie":{"toString":1}}',
    '{"protocol":1,"cookie":[]}',
    '{"protocol":1,"__proto__":{"cookie":""},"constructor":{"prototype":{}}}',
    `{"protocol":1,"cookie":"${attacker.cookie}","cookie":""}`,
    `{"protocol":1,"cookie":"","\\u0063ookie":"${attacker.cookie.slice(0, 8)}"}`,
  ];
  await expectNothing(scene, async () => {
    const all: string[] = [];
    for (const name of ["session", "edit", "flush", "traces"])
      for (const body of bodies) {
        const received = await sendRaw(site.port, proven + rawCall(name, HEADERS, body), 2);
        const [, first, ...others] = received.split("HTTP/1.1 ");
        expect(first).toContain(CANARY);
        expect(others, `${name} ${body}`).toHaveLength(1);
        all.push(...others);
      }
    return all;
  });
});
