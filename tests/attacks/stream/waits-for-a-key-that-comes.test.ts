/**
 * Attacker: a user of the same server who listens before the victim has a session. Holds: strings that resemble the key that will be
 * drawn: its beginning, its end, its pattern. Wants: a proof that waits for its session to match the victim's.
 */
import { expect, it } from "vitest";
import { type Site, startSite, Visitor } from "../../bridge/site.ts";
import { CANARY, later, listenIn, SET_CANARY } from "../kit/scene.ts";

/** A site whose next keys are known: its random bytes are all the same letter. */
async function startPredictable(): Promise<Site> {
  const site = await startSite({ sessions: { random: (size) => new Uint8Array(size).fill(7) } });
  later(() => site.close());
  return site;
}

it("a waiting proof matches exactly its own key, and none that resembles it", async () => {
  const site = await startPredictable();
  const key = "h".repeat(32);
  const near = [31, 33, 8, 16, 40].map((length) => "h".repeat(length));
  const odd = [
    key.toUpperCase(),
    `${key} `,
    ` ${key}`,
    `${key};`,
    `"${key}"`,
    `${key}; x=y`,
    "%68".repeat(32),
    "^h+$",
  ];
  const stream = await listenIn(site, { cookies: [...near, ...odd] });
  const good = await listenIn(site, { cookies: [key] });
  const victim = new Visitor(site);
  await victim.visit(SET_CANARY);
  expect(victim.cookie).toBe(key);
  await good.trace("/set");
  expect(JSON.stringify(good.events)).toContain(CANARY);
  const { traceId } = await new Visitor(site).visit("/plain");
  const after = await listenIn(site, { cookies: [...near, ...odd], ids: [traceId] });
  await after.trace("/plain");
  site.bridge?.close();
  await stream.next("bye");
  for (const { events } of [stream, after]) expect(JSON.stringify(events)).not.toContain(CANARY);
});
