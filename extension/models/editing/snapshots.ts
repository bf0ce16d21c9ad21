/**
 * Named snapshots of cookie and server together: "guest", "admin". One click restores both sides, and it can be undone.
 *
 * They live as long as DevTools is open on the tab: a snapshot contains cookie values, which are never written to disk.
 */
import { createModel, signal } from "@preact/signals";
import type { KeepPort } from "../../ports/ports.ts";
import type { Watch } from "../showing/preferences.ts";
import { createRunAlone } from "./run-alone.ts";
import { applySnapshot, type Snapshot, type SnapshotParts, takeSnapshot } from "./snapshot.ts";
import type { Change } from "./undo.ts";

interface SnapshotsOptions extends SnapshotParts {
  ports: SnapshotParts["ports"] & { keep: KeepPort };
  /** Which cookies are watched now. */
  watch: () => Watch;
  watchNames: () => readonly string[];
  did: (change: Change) => void;
  tell: (text: string) => void;
}

/** More snapshots than this could not be distinguished by name. */
const MAX_SNAPSHOTS = 20;
const KEY = "snapshots";

/** The snapshots of this tab. */
export const SnapshotsModel = createModel((options: SnapshotsOptions) => {
  const { keep } = options.ports;
  const snapshots = signal<readonly Snapshot[]>([]);
  const busy = signal(false);
  const runAlone = createRunAlone(busy, (reason) => options.tell(`The snapshot failed: ${reason}`));

  const put = (next: readonly Snapshot[]): void => {
    snapshots.value = next;
    keep.keep(KEY, next);
  };
  const recall = async (): Promise<void> => {
    const kept = new Map(await keep.recall()).get(KEY);
    // The devtools page returns what this panel put there, so the type is trusted here.
    if (snapshots.peek().length === 0 && Array.isArray(kept)) snapshots.value = kept as Snapshot[];
  };
  recall().catch(() => {}); // without the devtools page there is nothing to recall

  return {
    snapshots,
    busy,
    where: options.where,
    /** Keeps both sides under a name; replaces one of the same name. */
    take: (name: string) =>
      runAlone(async () => {
        const watched = { watch: options.watch(), watchNames: options.watchNames() };
        const taken = await takeSnapshot(options, name, watched);
        put([...snapshots.peek().filter((each) => each.name !== name), taken].slice(-MAX_SNAPSHOTS));
        const sides =
          taken.server === null
            ? "cookies only"
            : `cookies and the server's session${options.where(taken.server.origin)}`;
        options.tell(`Kept “${name}”: ${sides}`);
      }),
    restore: (snapshot: Snapshot) =>
      runAlone(async () => {
        const before = await takeSnapshot(options, "before", snapshot);
        let changed = false;
        const problem = await applySnapshot(options, snapshot, () => {
          changed = true;
        });
        if (problem !== null && !changed) return options.tell(problem);
        const where = snapshot.server === null ? "" : options.where(snapshot.server.origin);
        const did = `Switched to “${snapshot.name}”${where}`;
        options.did({
          did: problem === null ? did : `${did}. ${problem}`,
          back: () => applySnapshot(options, before),
        });
      }),
    forget(name: string) {
      put(snapshots.peek().filter((each) => each.name !== name));
    },
  };
});
