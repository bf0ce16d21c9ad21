/**
 * Carries the panel over its own reloads: Firefox reloads it whenever its Toolbox is docked elsewhere.
 *
 * Requests come again from the recorder. What only the panel knew is kept by the devtools page: traces, readings and notes entry
 * by entry as they arrive, the state of the view, and what a simulated close deleted.
 */
import { effect } from "@preact/signals";
import type { Entry } from "../logic/timeline/entry.ts";
import type { Unrecorded } from "../logic/timeline/unrecorded.ts";
import type { CloseReport, Ports } from "../ports/ports.ts";
import type { Rehearsed } from "./editing/rehearsal.ts";
import type { Models } from "./index.ts";
import type { Tab } from "./showing/tree.ts";

type Kept = Pick<Models, "timeline" | "view" | "tree" | "cookies" | "rehearsal">;

/** The state of the view. */
interface Look {
  filter: string;
  selected: string | null;
  anchor: string | null;
  tab: Tab;
  toggled: [id: string, open: boolean][];
  active: string | null;
  cookie: string | null;
}

/** A simulated close that can be undone. */
interface Close {
  copies: CloseReport;
  outcome: Rehearsed;
}

const LOOK = "look";
const PAST = "past";
const UNRECORDED = "unrecorded";
const CLOSE = "close";
const ENTRY = "entry ";

/** A burst of changes is saved once. */
const KEEP_MS = 100;

/** Restores what was kept, then keeps what changes. Returns how to stop, to be called when the document goes. */
export function keepView(models: Kept, ports: Pick<Ports, "keep" | "requests" | "clock">): () => void {
  let stops: (() => void)[] = [];
  let ended = false;
  const begin = async (): Promise<void> => {
    const known = await bringBack(models, ports).catch(() => new Map<string, Entry>());
    if (ended) return;
    stops = [keepEntries(models, ports, known), keepLook(models, ports), keepClose(models, ports)];
  };
  void begin();
  return () => {
    ended = true;
    for (const stop of stops) stop();
  };
}

/** Waits for the requests first: what was kept belongs to them. */
async function bringBack(
  { timeline, view, tree, cookies, rehearsal }: Kept,
  { keep, requests }: Pick<Ports, "keep" | "requests">,
): Promise<Map<string, Entry>> {
  const [kept] = await Promise.all([keep.recall(), requests.history()]);
  // The devtools page returns what this version of the panel put there, so types are trusted here.
  const entries = kept.filter(([key]) => key.startsWith(ENTRY)).map(([, value]) => value as Entry);
  const items = new Map(kept);
  const unrecorded = items.get(UNRECORDED) as Unrecorded | undefined;
  timeline.restore(entries, (items.get(PAST) ?? []) as string[], unrecorded);
  const close = items.get(CLOSE) as Close | undefined;
  if (close !== undefined) rehearsal.takeUp(close.copies, close.outcome);
  const look = items.get(LOOK) as Look | undefined;
  if (look !== undefined) {
    view.search(look.filter);
    if (look.selected !== null) view.select(look.anchor ?? look.selected);
    if (look.selected !== null && look.anchor !== null) view.extend(look.selected);
    tree.show(look.tab);
    for (const [id, open] of look.toggled) tree.toggle(id, open);
    tree.activate(look.active);
    cookies.select(look.cookie);
  }
  return new Map(entries.map((entry) => [entry.id, entry]));
}

function keepEntries({ timeline }: Kept, ports: Pick<Ports, "keep" | "clock">, known: Map<string, Entry>) {
  let removed = timeline.past().length;
  let unrecorded: Unrecorded | null = null;
  return watch(ports.clock, () => {
    const entries = timeline.entries.value;
    void timeline.recording.value; // a gap begins or ends
    return () => {
      const now = new Map(entries.filter(isOurs).map((entry) => [entry.id, entry]));
      for (const [id, entry] of now) {
        if (!isSame(known.get(id), entry)) ports.keep.keep(ENTRY + id, entry);
      }
      for (const id of known.keys()) if (!now.has(id)) ports.keep.keep(ENTRY + id, undefined);
      known = now;
      const past = timeline.past();
      if (past.length !== removed) ports.keep.keep(PAST, past);
      removed = past.length;
      const lacks = timeline.unrecorded();
      if (lacks !== unrecorded) ports.keep.keep(UNRECORDED, lacks);
      unrecorded = lacks;
    };
  });
}

function keepLook({ view, tree, cookies }: Kept, ports: Pick<Ports, "keep" | "clock">): () => void {
  return watch(ports.clock, () => {
    const look: Look = {
      filter: view.filterText.value,
      selected: view.selected.value?.id ?? null,
      anchor: view.anchor.value?.id ?? null,
      tab: tree.tab.value,
      toggled: [...tree.toggled.value],
      active: tree.activeId.value,
      cookie: cookies.chosen.value?.id ?? null,
    };
    return () => ports.keep.keep(LOOK, look);
  });
}

function keepClose({ rehearsal }: Kept, ports: Pick<Ports, "keep" | "clock">): () => void {
  return watch(ports.clock, () => {
    const copies = rehearsal.report.value;
    const outcome = rehearsal.result.value;
    const close: Close | undefined = copies && outcome ? { copies, outcome } : undefined;
    return () => ports.keep.keep(CLOSE, close);
  });
}

/** Runs `read`'s result when the signals that it read have changed: soon, and once for a burst. Stopping runs what is due. */
function watch(clock: Ports["clock"], read: () => () => void): () => void {
  let timer: (() => void) | null = null;
  let due: (() => void) | null = null;
  const act = (): void => {
    timer?.();
    timer = null;
    due?.();
    due = null;
  };
  const stop = effect(() => {
    due = read();
    timer ??= clock.every(KEEP_MS, act);
  });
  return () => {
    stop();
    act();
  };
}

/** What the recorder cannot report again. */
function isOurs(entry: Entry): boolean {
  if (entry.type !== "request") return true;
  const { number, trace, reading, traceGone } = entry;
  return number !== null || trace !== null || reading !== null || traceGone;
}

function isSame(old: Entry | undefined, entry: Entry): boolean {
  if (old === undefined || old.type !== entry.type) return false;
  if (old.type === "note" || entry.type === "note") return true;
  if (old.trace !== entry.trace || old.page !== entry.page) return false;
  if (old.type === "span" && entry.type === "span") return old.reading === entry.reading;
  if (old.type === "edit" && entry.type === "edit") return old.own === entry.own;
  if (old.type === "outside" && entry.type === "outside")
    return old.unanswered === entry.unanswered && old.unrecorded === entry.unrecorded;
  if (old.type !== "request" || entry.type !== "request") return true;
  if (old.number !== entry.number || old.traceByLikeness !== entry.traceByLikeness) return false;
  return old.reading === entry.reading && old.traceGone === entry.traceGone;
}
