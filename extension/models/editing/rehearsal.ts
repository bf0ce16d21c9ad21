/**
 * The end of the browser, rehearsed: says what would go, does it, reloads, compares with what was said, asks what the
 * server would still accept, and puts everything back exactly.
 */
import { createModel, signal } from "@preact/signals";
import { PROTOCOL_VERSION } from "session-bridge/protocol";
import type { CloseReport, Ports, StoredItems, TabCookie } from "../../ports/ports.ts";
import type { Subject } from "../showing/session.ts";

/** What a close would take. */
export interface Preview {
  cookies: readonly TabCookie[];
  storage: readonly StoredItems[];
}

/** How a rehearsal ended. `kept` is the case in which the browser restores its session: nothing goes. */
export interface Rehearsed {
  case: "closed" | "kept";
  preview: Preview;
  /** Cookies that were to go and are there after the reload, set anew or left. */
  back: readonly TabCookie[];
  /** Whether the cookie that the browser forgot would still do; null when there is no bridge to ask. */
  serverAccepts: boolean | null;
  /** Why a cookie could not be put back. */
  failed: readonly TabCookie[];
  undone: boolean;
}

export interface RehearsalOptions {
  ports: Pick<Ports, "rehearsal" | "tab" | "bridge" | "cookies" | "clock">;
  subject: () => Subject | null;
  refresh: () => void;
  tell: (text: string) => void;
}

/** Time for the page to load and set what it sets. */
const SETTLE_MS = 1500;

function outcome(
  kind: Rehearsed["case"],
  preview: Preview,
  back: readonly TabCookie[],
  serverAccepts: boolean | null,
): Rehearsed {
  return { case: kind, preview, back, serverAccepts, failed: [], undone: false };
}

export const RehearsalModel = createModel((options: RehearsalOptions) => {
  const { ports } = options;
  const preview = signal<Preview | null>(null);
  const result = signal<Rehearsed | null>(null);
  const busy = signal(false);
  /** What `restore` puts back; null when there is nothing to. */
  const report = signal<CloseReport | null>(null);

  const settled = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = ports.clock.every(SETTLE_MS, () => {
        stop();
        resolve();
      });
    });
  const accepts = async (subject: Subject | null): Promise<boolean | null> => {
    if (subject === null) return null;
    const request = { protocol: PROTOCOL_VERSION, cookie: subject.cookie.value };
    const answer = await ports.bridge.call(subject.origin, "session", request);
    return answer.ok ? answer.answer.found : null;
  };
  const finish = async (kind: Rehearsed["case"], went: Preview, subject: Subject | null): Promise<void> => {
    ports.tab.reload();
    await settled();
    const ids = new Set(went.cookies.map((cookie) => cookie.id));
    const { cookies } = await ports.cookies.list();
    const back = cookies.filter((cookie) => ids.has(cookie.id));
    result.value = outcome(kind, went, back, await accepts(subject));
    options.refresh();
    preview.value = await ports.rehearsal.preview();
  };
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      await work();
    } catch (error) {
      options.tell(`The rehearsal failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      busy.value = false;
    }
  };

  return {
    preview,
    result,
    busy,
    report,
    /** Takes up a close from before the panel was loaded anew, so that it can still be undone. */
    takeUp(copies: CloseReport, outcome: Rehearsed) {
      report.value = copies;
      result.value = outcome;
    },
    /** Asks anew what would go. */
    look: () =>
      guarded(async () => {
        preview.value = await ports.rehearsal.preview();
      }),
    close: () =>
      guarded(async () => {
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
    /** "Continue where you left off" and crash recovery: cookies stay, the page loads anew. */
    keep: () =>
      guarded(async () => {
        report.value = null;
        await finish("kept", await ports.rehearsal.preview(), options.subject());
      }),
    restore: () =>
      guarded(async () => {
        const copies = report.peek();
        if (copies === null || result.peek() === null) return;
        const { failed } = await ports.rehearsal.restore(copies);
        const before = result.peek();
        if (before !== null) result.value = { ...before, failed, undone: failed.length === 0 };
        if (failed.length === 0) report.value = null;
        // What would go now is a courtesy: whatever becomes of the question, the cookies are back and the page is loaded anew.
        preview.value = await ports.rehearsal.preview().catch(() => preview.peek());
        ports.tab.reload();
        options.refresh();
        options.tell(
          failed.length === 0
            ? "Everything is as it was"
            : `Not put back: ${failed.map(({ name }) => name).join(", ")}`,
        );
      }),
  };
});
