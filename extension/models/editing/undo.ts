/** What can be undone: the last changes by the panel, newest first to go, and the one that is offered on screen. */
import { createModel, effect, signal } from "@preact/signals";
import type { ClockPort } from "../../ports/ports.ts";

/** One change and the way back. `back` gives null when it worked, else one sentence why not. */
export interface Change {
  /** What was done, as a sentence: `Deleted visits`. */
  did: string;
  back: () => Promise<string | null>;
}

/** Ten changes back is more than anyone recalls. */
const MAX_CHANGES = 10;
/** How long the offer stays on screen; Ctrl+Z works on after that. */
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
    /** The line on screen, with an Undo button where there is something to undo. */
    offered,
    busy,
    did(change: Change) {
      changes.value = [...changes.value, change].slice(-MAX_CHANGES);
      show(change.did, true);
    },
    /** Tells something that cannot be undone, such as a failure. */
    tell(text: string) {
      show(text, false);
    },
    dismiss() {
      hide?.();
      offered.value = null;
    },
    /** Takes the last change back. */
    async undo() {
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

/** A way back that broke is told, and leaves Undo usable. */
function reasonOf(error: unknown): string {
  return `Not undone: ${error instanceof Error ? error.message : String(error)}`;
}
