/**
 * Attacker: a user of the same server. Holds: their session, and the log's name and numbers, which every stream contains. Wants:
 * to resume after or before everyone's traces, under any log name, and so to get those that were meant for another reader.
 */
import { expect, it } from "vitest";
import { CANARY, expectNothing, listenIn, openScene } from "../kit/scene.ts";

it("a stream that resumes at any number of any log returns only the reader's own traces", async () => {
  const scene = await openScene();
  const { site, victim, attacker } = scene;
  for (let count = 0; count < 3; count += 1) {
    await victim.visit(`/set?count=${count}`);
    await attacker.visit(`/set?count=${count}`);
  }
  const probe = await listenIn(site, { cookies: attacker.held });
  const { process, newest } = await probe.next("open");
  const numbers = [null, 0, 1, newest - 1, newest, newest + 1, Number.MAX_SAFE_INTEGER];
  await expectNothing(scene, async () => {
    const received: string[] = [];
    for (const since of numbers)
      for (const log of [process, null, "", process.toLowerCase(), "__proto__"]) {
        const stream = await listenIn(site, {
          cookies: attacker.held,
          ids: victim.traceIds,
          since,
          process: log,
        });
        await stream.next("open");
        received.push(JSON.stringify(stream.events));
        if (since === null || log !== process || since < newest - 1) {
          await stream.trace("/set");
          received.push(JSON.stringify(stream.events));
        }
        stream.close();
      }
    for (const id of victim.traceIds) expect(received.join()).not.toContain(id);
    return received;
  });
  const control = await listenIn(site, { cookies: victim.held, since: 0, process });
  await control.trace("/set");
  expect(JSON.stringify(control.events)).toContain(CANARY);
});
