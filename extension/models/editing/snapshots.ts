/**
 * Named snapshots of cookie and server together: "guest", "admin". One click puts both sides back, another undoes it.
 *
 * They live as long as DevTools is open on the tab: a snapshot holds cookie values, which are written nowhere.
 */
import { createModel, signal } from "@preact/signals";
import { type EpochMs, type KeptCopy, PROTOCOL_VERSION } from "session-bridge/protocol";
import { problemText } from "../../logic/problems.ts";
import type { Ports, TabCookie } from "../../ports/ports.ts";
import type { Watch } from "../showing/preferences.ts";
import type { Subject } from "../showing/session.ts";
import type { Change } from "./undo.ts";

/** Both sides at one moment. */
export interface Snapshot {
  name: string;
  at: EpochMs;
  cookies: readonly TabCookie[];
  /** Which cookies it is of: switching to it leaves all others alone. */
  watch: Watch;
  /** The server's copy and whose it is; null where there was no session, or no bridge that keeps copies. */
  server: { origin: string; kept: KeptCopy } | null;
}

export interface SnapshotsOptions {
  ports: Pick<Ports, "bridge" | "cookies" | "tab" | "clock" | "keep">;
  subject: () => Subject | null;
  /** The cookies that the tab has now. */
  cookies: (watch: Watch) => readonly TabCookie[];
  /** Which of them are watched now. */
  watch: () => Watch;
  /** Reads the cookies anew. */
  reload: () => Promise<void>;
  refresh: () => void;
  did: (change: Change) => void;
  tell: (text: string) => void;
}

/** More snapshots than these are not told apart by name. */
const MAX_SNAPSHOTS = 20;
const KEY = "snapshots";

export const SnapshotsModel = createModel((options: SnapshotsOptions) => {
  const { ports } = options;
  const snapshots = signal<readonly Snapshot[]>([]);
  const busy = signal(false);

  const put = (next: readonly Snapshot[]): void => {
    snapshots.value = next;
    ports.keep.keep(KEY, next);
  };
  const capture = async (name: string, watch: Watch): Promise<Snapshot> => {
    await options.reload();
    const subject = options.subject();
    const at = ports.clock.now();
    const cookies = options.cookies(watch);
    if (subject === null) return { name, at, cookies, watch, server: null };
    const request = { protocol: PROTOCOL_VERSION, cookie: subject.cookie.value, keep: true };
    const result = await ports.bridge.call(subject.origin, "session", request);
    const kept = result.ok && result.answer.found ? (result.answer.kept ?? null) : null;
    return { name, at, cookies, watch, server: kept && { origin: subject.origin, kept } };
  };
  /**
   * The server first: when it refuses, the browser stays as it is. Calls `begun` when something is changed, and gives
   * one sentence when something failed.
   */
  const apply = async ({ cookies, watch, server }: Snapshot, begun = () => {}): Promise<string | null> => {
    if (server !== null) {
      const { origin, kept } = server;
      const request = { protocol: PROTOCOL_VERSION, cookie: kept.cookie, kept, replaces: null };
      const restored = await ports.bridge.call(origin, "restore", request);
      if (!restored.ok) return `The server did not take it back: ${problemText(restored.problem)}`;
    }
    begun();
    await options.reload();
    const wanted = new Set(cookies.map(({ id }) => id));
    const failed: string[] = [];
    for (const cookie of options.cookies(watch).filter(({ id }) => !wanted.has(id))) {
      if (!(await ports.cookies.remove(cookie))) failed.push(cookie.name);
    }
    for (const cookie of cookies) {
      const written = await ports.cookies.write(cookie, null);
      if (!written.ok) failed.push(`${cookie.name} (${written.reason})`);
    }
    ports.tab.reload();
    options.refresh();
    return failed.length === 0 ? null : `These cookies are not as they were: ${failed.join(", ")}.`;
  };
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      await work();
    } catch (error) {
      options.tell(`The snapshot failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      busy.value = false;
    }
  };
  const recall = async (): Promise<void> => {
    const kept = new Map(await ports.keep.recall()).get(KEY);
    // The devtools page gives back what this panel put there, so the type is trusted here.
    if (snapshots.peek().length === 0 && Array.isArray(kept)) snapshots.value = kept as Snapshot[];
  };
  recall().catch(() => {}); // without the devtools page there is nothing to recall

  return {
    snapshots,
    busy,
    /** Keeps both sides under a name; one of the same name is replaced. */
    take: (name: string) =>
      guarded(async () => {
        const taken = await capture(name, options.watch());
        put([...snapshots.peek().filter((each) => each.name !== name), taken].slice(-MAX_SNAPSHOTS));
        const sides = taken.server === null ? "cookies only" : "cookies and the server's session";
        options.tell(`Kept “${name}”: ${sides}`);
      }),
    restore: (snapshot: Snapshot) =>
      guarded(async () => {
        const before = await capture("before", snapshot.watch);
        let changed = false;
        const problem = await apply(snapshot, () => {
          changed = true;
        });
        if (problem !== null && !changed) return options.tell(problem);
        const did = `Switched to “${snapshot.name}”`;
        options.did({ did: problem === null ? did : `${did}. ${problem}`, back: () => apply(before) });
      }),
    forget(name: string) {
      put(snapshots.peek().filter((each) => each.name !== name));
    },
  };
});
