/** What a reading says in chips: the session as the panel read it after a request, against the reading before. */
import { differences, pathText } from "../json/difference.ts";
import { type Chip, chip } from "./chip.ts";
import type { Reading } from "./entry.ts";

/** The chips of one reading, most telling first. */
export function readingChips(reading: Reading): Chip[] {
  const gone = reading.before !== null && reading.after === null;
  const told = gone
    ? [chip("removed", "session gone", "There is no session any more")]
    : readChanges(reading);
  return [
    ...told,
    chip("dim", "reading", "Read by the panel after this request; one that overlaps it may be the cause"),
  ];
}

function readChanges(reading: Reading): Chip[] {
  const chips = differences(reading.before, reading.after).map(({ path, kind }) => {
    const key = pathText(path.slice(0, 1));
    const whole = path.length === 1;
    if (whole && kind === "added") return chip("added", `+${key}`, `${key} was added`);
    if (whole && kind === "removed") return chip("removed", `−${key}`, `${key} was removed`);
    return chip("changed", `~${key}`, `${key} was changed`);
  });
  const once = new Map(chips.map((each) => [each.text, each]));
  return [...once.values()];
}
