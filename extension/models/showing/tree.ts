/** What the session pane shows: live or as it was after a request, which branches are open, which row is active. */
import { computed, createModel, type ReadonlySignal, signal } from "@preact/signals";
import { type Difference, differences } from "../../logic/json/difference.ts";
import { pathId, type TreeRow, treeRows } from "../../logic/json/tree-rows.ts";
import { type Entry, sidesOf, traceOf } from "../../logic/timeline/entry.ts";
import { writersOf } from "../../logic/timeline/last-writers.ts";
import type { Live } from "./session.ts";

export type Tab = "contents" | "changes" | "why" | "cookie" | "raw" | "devices";

interface TreeOptions {
  live: ReadonlySignal<Live>;
  entries: ReadonlySignal<readonly Entry[]>;
  selected: ReadonlySignal<Entry | null>;
  anchor: ReadonlySignal<Entry | null>;
  /** Whether strings of the session may stand for values that JSON has no form for. */
  hasStandIns: ReadonlySignal<boolean>;
}

export const TreeModel = createModel((options: TreeOptions) => {
  const tab = signal<Tab>("contents");
  /** The branches that the user opened or closed, by the id of their row. */
  const toggled = signal<ReadonlyMap<string, boolean>>(new Map());
  const activeId = signal<string | null>(null);

  /** The JSON text in view; null where there is no session, undefined where nothing is known. */
  const text = computed<string | null | undefined>(() => {
    const entry = options.selected.value;
    if (entry !== null) return sidesOf(entry)?.after;
    const live = options.live.value;
    if (live.state === "present") return live.session.dataJson;
    return live.state === "none" ? null : undefined;
  });
  const changes = computed<Difference[]>(() => {
    const entry = options.selected.value;
    if (entry === null) return [];
    const sides = sidesOf(entry);
    const anchor = options.anchor.value;
    if (anchor === null) return sides === null ? [] : differences(sides.before, sides.after);
    const [from, to] = anchor.at <= entry.at ? [anchor, entry] : [entry, anchor];
    // of a request that is only partly known it is not known what the session held after it
    if ([from, to].some((each) => traceOf(each)?.incomplete !== undefined)) return [];
    return differences(sidesOf(from)?.after ?? null, sidesOf(to)?.after ?? null);
  });
  const marks = computed(() => (options.anchor.value === null ? changes.value : []));
  const result = computed(() =>
    typeof text.value === "string"
      ? treeRows(text.value, toggled.value, marks.value, options.hasStandIns.value)
      : null,
  );
  const rows = computed<readonly TreeRow[]>(() => (result.value?.ok ? result.value.rows : []));

  /** Who wrote each key last, up to the selected row. */
  const writers = computed(() => {
    const keys = rows.value.filter((row) => row.level === 1).map((row) => row.name);
    return writersOf(options.entries.value, options.selected.value, keys);
  });

  return {
    tab,
    writers,
    text,
    changes,
    rows,
    toggled,
    activeId,
    /** True when the text is not a JSON object: it is then shown unchanged. */
    unreadable: computed(() => result.value !== null && !result.value.ok),
    show(next: Tab) {
      tab.value = next;
    },
    activate(id: string | null) {
      activeId.value = id;
    },
    toggle(id: string, open?: boolean) {
      const isOpen = rows.peek().find((row) => row.id === id)?.expanded ?? false;
      toggled.value = new Map(toggled.value).set(id, open ?? !isOpen);
    },
    /** Opens the branches above a path and makes it active. */
    reveal(path: readonly (string | number)[]) {
      const next = new Map(toggled.value);
      for (let length = 1; length < path.length; length += 1) next.set(pathId(path.slice(0, length)), true);
      toggled.value = next;
      activeId.value = pathId(path);
    },
  };
});
