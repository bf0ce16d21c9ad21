/** What can be undone: the last changes by the panel, newest first, and the one that is offered on screen. */
import { createModel, effect, signal } from "@preact/signals";
import type { ClockPort } from "../../ports/ports.ts";

/** One change and its undo. `back` returns null if it worked, otherwise one sentence about why not. */
export interface Change {
  /** What was done, as a sentence: `Deleted visits`. */
  did: string;
  back: () => Promise<string | null>;
  /** True once it can no longer be undone: then it is passed over. Absent: it always can. */
  isOver?: () => boolean;
}

/** No one remembers more than ten changes. */
const MAX_CHANGES = 10;
/** How long the offer stays on screen; Ctrl+Z works after that too. */
const OFFER_MS = 10_000;

export const UndoModel = createModel((clock: ClockPort, say: (sentence: string) => void) => {
  const changes = signal<readonly Change[]>([]);
  const offered = signal<{ text: string; undo: boolean } | null>(null);
  const busy = signal(false);
  let hide: (() => void) | null = null;

  const show = (text: string, undo: boolean): void => {
    hide?.();
    offered.value = { text, undo };
    say(text);
    hide = clock.every(OFFER_MS, () => {
      offered.value = null;
      hide?.();
    });
  };
  effect(() => () => hide?.());

  return {
    changes,
    /** The line on screen, with an Undo button if there is something to undo. */
    offered,
    busy,
    did(change: Change) {
      changes.value = [...changes.value, change].slice(-MAX_CHANGES);
      show(change.did, true);
    },
    /** Reports something that cannot be undone, such as a failure. */
    tell(text: string) {
      show(text, false);
    },
    dismiss() {
      hide?.();
      offered.value = null;
    },
    /** Undoes the last change. */
    async undo() {
      if (changes.peek().some(isOver)) changes.value = changes.peek().filter((each) => !isOver(each));
      const change = changes.peek().at(-1);
      if (change === undefined || busy.peek()) return;
      busy.value = true;
      const problem = await change.back().catch(reasonOf);
      busy.value = false;
      if (problem !== null) return show(problem, false);
      changes.value = changes.peek().filter((each) => each !== change);
      show(`Undone: ${change.did.charAt(0).toLowerCase()}${change.did.slice(1)}`, false);
    },
  };
});

function isOver({ isOver }: Change): boolean {
  return isOver?.() === true;
}

/** An undo that throws is reported, and leaves Undo usable. */
function reasonOf(error: unknown): string {
  return `Not undone: ${error instanceof Error ? error.message : String(error)}`;
}
