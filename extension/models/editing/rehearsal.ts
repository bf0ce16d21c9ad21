/**
 * The end of the browser, rehearsed: says what would go, does it, reloads, compares with what was said, asks what the
 * server would still accept, and puts everything back exactly.
 */
import { createModel, signal } from "@preact/signals";
import { PROTOCOL_VERSION } from "session-bridge/protocol";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { TabCookie } from "../../messages/tab-cookie.ts";
import type { BridgePort, ClockPort, CloseReport, Ports, StoredItems } from "../../ports/ports.ts";
import type { Subject } from "../showing/session.ts";
import { createRunAlone } from "./run-alone.ts";

/** What a close would take. */
interface Preview {
  cookies: readonly TabCookie[];
  storage: readonly StoredItems[];
}

/** How a rehearsal ended. `kept` is the case in which the browser restores its session: nothing goes. */
export interface Rehearsed {
  case: "closed" | "kept";
  preview: Preview;
  /** Cookies that were to go and are there after the reload, set again or left. */
  back: readonly TabCookie[];
  /** Whether the cookie that the browser forgot would still do; null when there is no bridge to ask. */
  serverAccepts: boolean | null;
  /** Why a cookie could not be put back. */
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

/** The rehearsal: its preview, how it ended, and what undoes it. */
export const RehearsalModel = createModel((options: RehearsalOptions) => {
  const { ports } = options;
  const preview = signal<Preview | null>(null);
  const result = signal<Rehearsed | null>(null);
  const busy = signal(false);
  /** What `restore` puts back; null when there is nothing to. */
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
  const runAlone = createRunAlone(busy, (reason) => options.tell(`The rehearsal failed: ${reason}`));

  return {
    preview,
    result,
    busy,
    report,
    /** Takes up a close from before the panel was reloaded, so that it can still be undone. */
    takeUp(copies: CloseReport, outcome: Rehearsed) {
      report.value = copies;
      result.value = outcome;
    },
    /** Asks again what would go. */
    look: () =>
      runAlone(async () => {
        preview.value = await ports.rehearsal.preview();
      }),
    close: () =>
      runAlone(async () => {
        const subject = options.subject();
        const before = await ports.rehearsal.preview();
        const copies = await ports.rehearsal.close();
        report.value = copies;
        const shown = result.peek();
        const ended = subject !== null && before.cookies.some((cookie) => cookie.id === subject.cookie.id);
        await finish("closed", before, ended ? subject : null).finally(() => {
          // Restore is offered whatever became of the look at what came of it.
          if (result.peek() === shown) result.value = outcome("closed", before, copies.left, null);
        });
      }),
    /** "Continue where you left off" and crash recovery: cookies stay, the page reloads. */
    keep: () =>
      runAlone(async () => {
        report.value = null;
        await finish("kept", await ports.rehearsal.preview(), options.subject());
      }),
    restore: () =>
      runAlone(async () => {
        const copies = report.peek();
        if (copies === null || result.peek() === null) return;
        const { failed } = await ports.rehearsal.restore(copies);
        const before = result.peek();
        if (before !== null) result.value = { ...before, failed, undone: failed.length === 0 };
        if (failed.length === 0) report.value = null;
        // What would go now is only a preview: if it cannot be had, the cookies are back all the same and the page reloads.
        preview.value = await ports.rehearsal.preview().catch(() => preview.peek());
        ports.tab.reload();
        options.refresh();
        options.tell(
          failed.length === 0
            ? "Everything is as it was"
            : `Not put back: ${failed.map(({ name }) => showUnseen(name)).join(", ")}`,
        );
      }),
  };
});

/** Waits until the page that was reloaded has set what it sets. */
function settled(clock: ClockPort): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.every(SETTLE_MS, () => {
      stop();
      resolve();
    });
  });
}

/** Whether the server would still accept the cookie; null when there is no session to ask about, or no bridge. */
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
