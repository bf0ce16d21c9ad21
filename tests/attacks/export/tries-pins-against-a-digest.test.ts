/**
 * Attacker: a user of the same server who was sent a history of the victim's. Holds: the mark that replaces a PIN there, a
 * separate session, and its traces. Wants: the PIN, by trying all of them in their own session until the marks are equal.
 */
import { readMark, type Trace } from "session-bridge/protocol";
import { expect, it } from "vitest";
import { exportHistory } from "../../../extension/logic/history/history-file.ts";
import { type Site, startSite, Visitor } from "../../bridge/site.ts";
import { later, listenIn } from "../kit/scene.ts";

const PIN = "4711";

async function traceOf(site: Site, visitor: Visitor): Promise<Trace> {
  const listener = await listenIn(site, { cookies: visitor.held });
  return listener.trace("/set");
}

/** The trace's values under each of these names. */
function readAll({ after }: Trace, names: readonly string[]): string[] {
  const data = JSON.parse(after?.dataJson ?? "{}");
  return names.map((name) => String(data[name]));
}

it("no mark of an export occurs in a trace, and equal secrets have equal marks in the export", async () => {
  const site = await startSite();
  later(() => site.close());
  const [victim, attacker] = [new Visitor(site), new Visitor(site)];
  await victim.visit(`/set?pin="${PIN}"&passcode="${PIN}"&password="another"`);
  const trace = await traceOf(site, victim);
  const path = `/reset/${readAll(trace, ["pin"])}/`;
  const told = { ...trace, request: { ...trace.request, path }, server: site.origin };
  const sent = JSON.parse(exportHistory({ requests: [], traces: [told], cookies: [] }, new Date(0)).text)
    .traces[0];
  const [mark = "", same, other] = readAll(sent, ["pin", "passcode", "password"]);
  expect([mark, same, other].map((text) => readMark(String(text))?.kind)).toEqual(Array(3).fill("redacted"));
  expect(same).toBe(mark);
  expect(other).not.toBe(mark);
  expect(decodeURIComponent(sent.request.path)).toBe(`/reset/${mark}/`);

  const guesses = Array.from({ length: 100 }, (_, index) => String(4_690 + index));
  const names = guesses.map((guess) => `pin_${guess}`);
  await attacker.visit(`/set?${guesses.map((guess, index) => `${names[index]}="${guess}"`).join("&")}`);
  const tried = readAll(await traceOf(site, attacker), names);
  expect(new Set(tried).size).toBe(guesses.length);
  expect(tried).not.toContain(mark);
  expect(tried).toContain(readAll(trace, ["pin"])[0]); // the trace's own marks would be found
});
