/** The pinned keys: the user's, or as long as they pinned none those that say who is logged in. */
import { computed, type ReadonlySignal } from "@preact/signals";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { Entry } from "../../logic/timeline/entry.ts";
import { automaticPins, filledPins } from "../../logic/timeline/pin-columns.ts";
import { pinnedCells } from "../../logic/timeline/pins.ts";
import type { Preferences } from "./preferences.ts";

/** What changes pins, and says so. */
export interface PinActions {
  /** Pins a key or unpins it, given what the panel found by itself. */
  pin: (key: string, found: readonly string[]) => void;
  /** Makes the panel find them again. */
  letPanelChoose: () => void;
  /** Announces what was done. */
  say: (sentence: string) => void;
}

interface PinsOptions extends PinActions {
  entries: ReadonlySignal<readonly Entry[]>;
  preferences: ReadonlySignal<Preferences>;
}

/** What the timeline and the tree know about pins. */
export function createPins({ entries, preferences, pin, letPanelChoose, say }: PinsOptions) {
  const chosen = computed(() => preferences.value.pins);
  const unpinned = computed(() => preferences.value.unpinned);
  const pins = computedList(
    () => chosen.value ?? automaticPins(entries.value).filter((each) => !unpinned.value.includes(each)),
  );
  const pinColumns = computedList(() =>
    chosen.value === null ? pins.value : filledPins(entries.value, pins.value),
  );
  return {
    /** All of them. */
    pins,
    /** Those that are columns, because some row has a value for them. */
    pinColumns,
    /** The cells of these columns. */
    pinned: computed(() => pinnedCells(entries.value, pinColumns.value)),
    /** Pins a key, or unpins it. */
    pin(key: string) {
      pin(key, pins.peek());
      say(sayPin(key, { isPinned: pins.peek().includes(key), isColumn: pinColumns.peek().includes(key) }));
    },
    /** Drops the user's choice: the panel finds the keys by itself. */
    letPanelChoose() {
      letPanelChoose();
      say("The panel chooses the pinned keys");
    },
  };
}

function sayPin(key: string, { isPinned, isColumn }: { isPinned: boolean; isColumn: boolean }): string {
  const name = showUnseen(key);
  if (!isPinned) return `Unpinned ${name}`;
  return isColumn
    ? `Pinned ${name} as a column`
    : `Pinned ${name}. It becomes a column when a row has a value for it`;
}

/** A list that stays the same one while its members do: nothing is drawn again for it then. */
function computedList(list: () => readonly string[]): ReadonlySignal<readonly string[]> {
  let last: readonly string[] = [];
  return computed(() => {
    const next = list();
    if (next.length !== last.length || next.some((each, at) => each !== last[at])) last = next;
    return last;
  });
}
