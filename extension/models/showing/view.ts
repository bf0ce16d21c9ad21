/** How the timeline is shown: filter, selection, comparison of two rows, following the newest. */
import { computed, createModel, type ReadonlySignal, signal } from "@preact/signals";
import { type Entry, isChange } from "../../logic/timeline/entry.ts";
import { type HiddenBy, hiddenBy, parseFilter } from "../../logic/timeline/filter.ts";
import { couldCarry } from "../../logic/timeline/relevant-rows.ts";
import type { CookieList } from "../../messages/tab-cookie.ts";
import { createPins, type PinActions } from "./pins.ts";
import type { Preferences } from "./preferences.ts";

interface ViewOptions extends PinActions {
  entries: ReadonlySignal<readonly Entry[]>;
  preferences: ReadonlySignal<Preferences>;
  cookies: ReadonlySignal<CookieList>;
}

export const ViewModel = createModel((options: ViewOptions) => {
  const filterText = signal("");
  /** Id of the selected entry; null is Now. */
  const selectedId = signal<string | null>(null);
  /** The other end of a comparison. */
  const anchorId = signal<string | null>(null);
  const following = signal(true);
  /** Last row that was seen when following stopped. */
  const seenId = signal<string | null>(null);

  const carrying = computed(() => options.entries.value.filter(couldCarry(options.cookies.value)));
  const changesOnly = computed(() => options.preferences.value.changesOnly);
  const kinds = computed(() => options.preferences.value.kinds);
  const filter = computed(() => parseFilter(filterText.value, changesOnly.value, kinds.value));
  const judged = computed(() =>
    carrying.value.map((entry) => ({ entry, by: hiddenBy(entry, filter.value) })),
  );
  const rows = computed(() => judged.value.filter(({ by }) => by === null).map(({ entry }) => entry));
  const selected = computed(() => find(options.entries.value, selectedId.value));
  const anchor = computed(() =>
    selected.value === null ? null : find(options.entries.value, anchorId.value),
  );
  const unseen = computed(() => {
    const seen = seenId.value;
    if (following.value || seen === null) return 0;
    const all = options.entries.value; // the row that was seen may be filtered out by now
    const at = all.findLastIndex((entry) => isOf(entry, seen));
    if (at === -1) return 0;
    const later = new Set(all.slice(at + 1));
    return rows.value.filter((entry) => later.has(entry)).length;
  });
  const counts = computed(() => countRows(judged.value));

  const follow = (on: boolean): void => {
    if (following.peek() === on) return;
    following.value = on;
    seenId.value = rows.peek().at(-1)?.id ?? null;
  };

  return {
    filterText,
    rows,
    ...createPins(options),
    selected,
    anchor,
    following,
    unseen,
    counts,
    filtered: computed(() => filterText.value.trim() !== "" || changesOnly.value),
    search(text: string) {
      filterText.value = text;
    },
    /** Selects one row, or Now. */
    select(id: string | null) {
      selectedId.value = id;
      anchorId.value = null;
      if (id !== null) follow(false);
    },
    /** Compares the selected row with another. */
    extend(id: string) {
      follow(false);
      // By what is there, not by its id: either end may have been dropped since it was chosen.
      if (anchor.peek() === null) anchorId.value = selected.peek()?.id ?? null;
      selectedId.value = id;
    },
    clearRange() {
      anchorId.value = null;
    },
    follow,
    /** Nothing is unseen: every row is in view. */
    see() {
      seenId.value = rows.peek().at(-1)?.id ?? null;
    },
  };
});

/** How many requests there are, how many of them show, and by what the others are hidden. */
function countRows(judged: readonly { entry: Entry; by: HiddenBy | null }[]) {
  const requests = judged.filter(({ entry }) => entry.type !== "note");
  const hidden = { kind: 0, filter: 0, both: 0 };
  for (const { by } of requests) if (by !== null) hidden[by] += 1;
  return {
    total: requests.length,
    shown: requests.filter(({ by }) => by === null).length,
    changed: requests.filter(({ entry }) => isChange(entry)).length,
    hidden,
  };
}

function find(entries: readonly Entry[], id: string | null): Entry | null {
  return id === null ? null : (entries.findLast((entry) => isOf(entry, id)) ?? null);
}

/** True for the entry of this id, and for the request that took its place: a trace's row goes when its request comes late. */
function isOf(entry: Entry, id: string): boolean {
  return entry.id === id || (entry.type === "request" && entry.request.traceId === id);
}
