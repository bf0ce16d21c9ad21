/**
 * Attacker: a user of the same server who was sent a trace of the victim's. Holds: the mark that stands there in place of a PIN, a
 * session of their own, and its traces. Wants: the PIN, by trying all of them in their own session until the marks are equal.
 */
import { readMark } from "session-bridge/protocol";
import { expect, it } from "vitest";
import { type Site, startSite, Visitor } from "../../bridge/site.ts";
import { later, listenIn } from "../kit/scene.ts";

const PIN = "4711";

/** The marks that stand in this visitor's last trace under each of these names. */
async function marksOf(site: Site, visitor: Visitor, names: readonly string[]): Promise<string[]> {
  const listener = await listenIn(site, { cookies: visitor.held });
  const { after } = await listener.trace("/set");
  const data = JSON.parse(after?.dataJson ?? "{}");
  return names.map((name) => String(data[name]));
}

it("equal secrets of two sessions have different marks, and equal ones of one session the same", async () => {
  const site = await startSite();
  later(() => site.close());
  const [victim, attacker] = [new Visitor(site), new Visitor(site)];
  await victim.visit(`/set?pin="${PIN}"&passcode="${PIN}"`);
  const [mark = "", same] = await marksOf(site, victim, ["pin", "passcode"]);
  expect(readMark(mark)).toMatchObject({ kind: "redacted" });
  expect(same).toBe(mark);
  const guesses = Array.from({ length: 100 }, (_, index) => String(4_690 + index));
  const names = guesses.map((guess) => `pin_${guess}`);
  await attacker.visit(`/set?${guesses.map((guess, index) => `${names[index]}="${guess}"`).join("&")}`);
  const tried = await marksOf(site, attacker, names);
  expect(new Set(tried).size).toBe(guesses.length);
  expect(tried.every((one) => readMark(one)?.kind === "redacted")).toBe(true);
  expect(tried).not.toContain(mark);
});

it("nor has a secret in a path the same mark in two requests", async () => {
  const site = await startSite();
  later(() => site.close());
  const ids = [];
  for (const visitor of [new Visitor(site), new Visitor(site)])
    ids.push((await visitor.visit(`/reset/c8f3-${PIN}opensesame/`)).traceId);
  const listener = await listenIn(site, { ids });
  const paths = [await listener.next("trace"), await listener.next("trace")].map(
    ({ trace }) => trace.request.path,
  );
  for (const path of paths) expect(path).toMatch(/^\/reset\/‹redacted/);
  expect(paths[0]).not.toBe(paths[1]);
});
