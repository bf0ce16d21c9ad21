/**
 * Attacker: a visitor of an app on express-session. Holds: their own signed cookie, and the victim's bare id. Wants: a stream that,
 * because one of its proofs is valid, accepts the others as well, now or when the victim's next request comes.
 */
import { expect, it } from "vitest";
import { startExpressSession } from "../kit/express-session-app.ts";
import { CANARY, listenIn } from "../kit/scene.ts";

it("one valid proof does not validate the others, before and after the victim's requests", async () => {
  const { base, victims, own, idOf, visit } = await startExpressSession();
  const id = idOf(victims);
  const [, signature = ""] = decodeURIComponent(own).split(/\.(?=[^.]*$)/);
  const mixed = [
    own,
    id,
    `s:${id}`,
    `s:${id}.${signature}`,
    encodeURIComponent(`s:${id}.${signature}`),
    `${own}, ${id}`,
  ];
  const site = { origin: base };
  const streams = await Promise.all(
    [mixed, mixed.toReversed()].map((cookies) => listenIn(site, { cookies })),
  );
  const victimsOwn = await listenIn(site, { cookies: [victims] });
  await visit(`/again?note=${encodeURIComponent(`${CANARY}, changed`)}`, victims);
  await victimsOwn.trace("/again");
  expect(JSON.stringify(victimsOwn.events)).toContain(`${CANARY}, changed`);
  await visit("/last?note=mine", own);
  for (const stream of streams) {
    await stream.trace("/last");
    expect(JSON.stringify(stream.events)).not.toContain(CANARY);
    expect(stream.events.filter(({ type }) => type === "trace")).toHaveLength(2);
  }
});
