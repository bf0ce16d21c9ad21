/** Values in a handler's hands: their JSON now, and whether the handler changed them. */
import type { Live, Slot } from "./draft.ts";
import { follow } from "./follow.ts";
import { type Written, writeValue } from "./json.ts";
import { Merge } from "./merge-values.ts";

/** The JSON of a value that the handler holds; undefined for what JSON leaves out. */
export function writeLive(live: Live, plain: boolean): Written | undefined {
  if (live.elder !== null) takeOver(live, live.elder, plain);
  return write(live, plain);
}

/** True if the handler set the value, or changed it inside. */
export function isChangedSlot(slot: Slot, plain: boolean): boolean {
  if (typeof slot !== "object") return typeof slot === "string";
  return slot.before === null || writeLive(slot, plain)?.text !== slot.before;
}

/**
 * Gives a slot the JSON `to`. A value that came from the session is brought to it, so that the handler goes on with the
 * same list or object. One that the application made may be in use elsewhere, even for other visitors: it is never
 * changed, but replaced by a copy, and what the handler does to it later is done to the copy as well.
 *
 * @param from its JSON now
 */
export function become(live: Live, { from, to, plain }: { from: string; to: string; plain: boolean }): void {
  if (from !== to) {
    if (live.isGiven) live.elder = { value: live.value, text: from };
    live.value = follow(live.isGiven ? null : live.value, { from, to, plain });
    live.isGiven = false;
  }
  live.form = to;
}

function write({ value, before, form }: Live, plain: boolean): Written | undefined {
  return writeValue(value, plain ? undefined : (form ?? before ?? undefined));
}

/** Does to the copy what the handler has done since then to the value that it had given. */
function takeOver(live: Live, elder: NonNullable<Live["elder"]>, plain: boolean): void {
  const mine = writeValue(elder.value, plain ? undefined : elder.text)?.text;
  if (mine === undefined || mine === elder.text) return;
  const theirs = write(live, plain)?.text ?? "null";
  const to = new Merge(plain).value("", { base: elder.text, mine, theirs, doubted: [] });
  live.value = follow(live.value, { from: theirs, to, plain });
  live.form = to;
  live.elder = { value: elder.value, text: mine };
}
