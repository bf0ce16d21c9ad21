/**
 * A rehearsal of a browser close: says what would be deleted, deletes it, reloads, compares the outcome with the prediction, asks
 * what the server would still accept, and restores everything exactly.
 */
import { createModel, signal } from "@preact/signals";
import { PROTOCOL_VERSION } from "session-bridge/protocol";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { BridgePort, ClockPort, CloseReport, Ports, StoredItems } from "../../ports/ports.ts";
import type { Subject } from "../showing/session.ts";
import { createRunAlone } from "./run-alone.ts";

/** What a close would delete. */
interface Preview {
  cookies: readonly TabCookie[];
  storage: readonly StoredItems[];
}

/** The outcome of a rehearsal. `kept` is the case in which the browser restores its session: nothing is deleted. */
export interface Rehearsed {
  case: "closed" | "kept";
  preview: Preview;
  /** Cookies that should be gone and are there after the reload, set again or left. */
  back: readonly TabCookie[];
  /** Whether the server would still accept the deleted cookie; null if there is no bridge to ask. */
  serverAccepts: boolean | null;
  /** Cookies that could not be restored, and why. */
  failed: readonly TabCookie[];
  undone: boolean;
}

interface RehearsalOptions {
  ports: Pick<Ports, "rehearsal" | "tab" | "bridge" | "cookies" | "clock">;
  subject: () => Subject | null;
  refresh: () => void;
  tell: (text: string) => void;
}

/** Time for the page to load and set what it sets. */
const SETTLE_MS = 1500;

/** The rehearsal: its preview, its outcome, and its undo. */
export const RehearsalModel = createModel((options: RehearsalOptions) => {
  const { ports } = options;
  const preview = signal<Preview | null>(null);
  const result = signal<Rehearsed | null>(null);
  const busy = signal(false);
  /** What `restore` puts back; null if there is nothing. */
  const report = signal<CloseReport | null>(null);

  const finish = async (kind: Rehearsed["case"], went: Preview, subject: Subject | null): Promise<void> => {
    ports.tab.reload();
    await settled(ports.clock);
    const ids = new Set(went.cookies.map((cookie) => cookie.id));
    const { cookies } = await ports.cookies.list();
    const back = cookies.filter((cookie) => ids.has(cookie.id));
    result.value = outcome(kind, went, back, await accepts(ports.bridge, subject));
    options.refresh();
    preview.value = await ports.rehearsal.preview();
  };
  /** The close that is under way, or the last one. Its outcome is shown before all of it is done. */
  let closing: Promise<void> = Promise.resolve();
  const runAlone = createRunAlone(busy, (reason) => options.tell(`The rehearsal failed: ${reason}`));

  return {
    preview,
    result,
    busy,
    report,
    /** Resumes a close from before the panel was reloaded, so that it can still be undone. */
    takeUp(copies: CloseReport, outcome: Rehearsed) {
      report.value = copies;
      result.value = outcome;
    },
    /** Determines again what would be deleted. */
    look: () =>
      runAlone(async () => {
        preview.value = await ports.rehearsal.preview();
      }),
    close: () => {
      if (busy.peek()) return closing;
      closing = runAlone(async () => {
        const subject = options.subject();
        const before = await ports.rehearsal.preview();
        const copies = await ports.rehearsal.close();
        report.value = copies;
        const shown = result.peek();
        const ended = subject !== null && before.cookies.some((cookie) => cookie.id === subject.cookie.id);
        await finish("closed", before, ended ? subject : null).finally(() => {
          // Restore is offered even if the outcome could not be determined.
          if (result.peek() === shown) result.value = outcome("closed", before, copies.left, null);
        });
      });
      return closing;
    },
    /** "Continue where you left off" and crash recovery: cookies stay, the page reloads. */
    keep: () =>
      runAlone(async () => {
        report.value = null;
        await finish("kept", await ports.rehearsal.preview(), options.subject());
      }),
    /** Waits for a close that is under way: Restore is offered as soon as its outcome is shown. */
    restore: async () => {
      await closing;
      return runAlone(async () => {
        const copies = report.peek();
        if (copies === null || result.peek() === null) return;
        const { failed } = await ports.rehearsal.restore(copies);
        const before = result.peek();
        if (before !== null) result.value = { ...before, failed, undone: failed.length === 0 };
        if (failed.length === 0) report.value = null;
        // What would be deleted now is only a preview: even if it fails, the cookies are back and the page reloads.
        preview.value = await ports.rehearsal.preview().catch(() => preview.peek());
        ports.tab.reload();
        options.refresh();
        options.tell(sayRestored(failed));
      });
    },
  };
});

function sayRestored(failed: readonly TabCookie[]): string {
  if (failed.length === 0) return "Everything is as it was";
  return `Not put back: ${failed.map(({ name }) => showUnseen(name)).join(", ")}`;
}

/** Waits until the reloaded page has set what it sets. */
function settled(clock: ClockPort): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.every(SETTLE_MS, () => {
      stop();
      resolve();
    });
  });
}

/** Whether the server would still accept the cookie; null if there is no session to ask about, or no bridge. */
async function accepts(bridge: BridgePort, subject: Subject | null): Promise<boolean | null> {
  if (subject === null) return null;
  const request = { protocol: PROTOCOL_VERSION, cookie: subject.cookie.value };
  const answer = await bridge.call(subject.origin, "session", request);
  return answer.ok ? answer.answer.found : null;
}

function outcome(
  kind: Rehearsed["case"],
  preview: Preview,
  back: readonly TabCookie[],
  serverAccepts: boolean | null,
): Rehearsed {
  return { case: kind, preview, back, serverAccepts, failed: [], undone: false };
}
