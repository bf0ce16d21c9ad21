/** What leaves and enters the panel as text: cookies in four formats, the history without secrets, and both back again. */
import { createModel, type ReadonlySignal, signal } from "@preact/signals";
import { FORMATS, type FormatName, recogniseFormat } from "../../logic/formats/formats.ts";
import { type PortableCookie, toPortable } from "../../logic/formats/portable.ts";
import { readHistoryEntries } from "../../logic/history/history-entries.ts";
import { exportHistory, type HistoryExport } from "../../logic/history/history-file.ts";
import { type Entry, traceOf } from "../../logic/timeline/entry.ts";
import type { Ports, TabCookie } from "../../ports/ports.ts";
import type { Watch } from "../showing/preferences.ts";
import type { Change } from "./undo.ts";

export interface ExchangeOptions {
  ports: Pick<Ports, "cookies" | "clock">;
  entries: ReadonlySignal<readonly Entry[]>;
  cookies: (watch: Watch) => readonly TabCookie[];
  /** Which cookies leave as text. */
  watch: () => Watch;
  host: () => string;
  refresh: () => void;
  did: (change: Change) => void;
  /** Other rows are shown from now on; their ids may be spelled like those of the rows before. */
  turned: () => void;
  tell: (text: string) => void;
}

/** What a pasted text would do. */
export interface Pasted {
  format: FormatName;
  cookies: readonly PortableCookie[];
  problems: readonly string[];
}

export const ExchangeModel = createModel((options: ExchangeOptions) => {
  /** Rows of a history file that is looked at in place of the tab's own; null normally. */
  const opened = signal<readonly Entry[] | null>(null);
  const busy = signal(false);

  const write = async (cookies: readonly PortableCookie[]): Promise<void> => {
    const before = options.cookies("all"); // what comes in can overwrite any of them
    const failed: string[] = [];
    const written: TabCookie[] = [];
    for (const cookie of cookies) {
      const result = await options.ports.cookies.write(
        { ...cookie, id: "", storeId: "", recognised: null },
        null,
      );
      if (result.ok) written.push(result.cookie);
      else failed.push(`${cookie.name}: ${result.reason}`);
    }
    options.refresh();
    if (written.length > 0) {
      const did = `Set ${written.length} of ${cookies.length} cookies`;
      options.did({
        did: failed.length === 0 ? did : `${did}. ${failed.join(" ")}`,
        back: () => takeBack(before, written),
      });
    } else {
      options.tell(`No cookie was set. ${failed.join(" ")}`);
    }
  };
  const takeBack = async (
    before: readonly TabCookie[],
    written: readonly TabCookie[],
  ): Promise<string | null> => {
    const failed: string[] = [];
    for (const cookie of written) {
      const old = before.find(({ id }) => id === cookie.id);
      const back = old
        ? (await options.ports.cookies.write(old, null)).ok
        : await options.ports.cookies.remove(cookie);
      if (!back) failed.push(cookie.name);
    }
    options.refresh();
    return failed.length === 0 ? null : `Not undone: ${failed.join(", ")}.`;
  };

  return {
    opened,
    busy,
    /** The tab's cookies as text. */
    cookiesAs(format: FormatName): string {
      const found = FORMATS.find(({ name }) => name === format);
      return found ? found.write(options.cookies(options.watch()).map(toPortable)) : "";
    },
    /** What a text holds, whichever format it is in. */
    read(text: string): Pasted {
      const format = recogniseFormat(text);
      const found = FORMATS.find(({ name }) => name === format);
      return { format, ...(found?.read(text, options.host()) ?? { cookies: [], problems: [] }) };
    },
    async setCookies(cookies: readonly PortableCookie[]) {
      if (busy.peek()) return;
      busy.value = true;
      await write(cookies).finally(() => {
        busy.value = false;
      });
    },
    /** The history as it would be saved: every secret replaced. */
    history(): HistoryExport {
      const entries = options.entries.peek();
      const requests = entries.flatMap((entry) => (entry.type === "request" ? entry.request : []));
      const traces = entries.flatMap((entry) => traceOf(entry) ?? []);
      return exportHistory(
        { requests, traces, cookies: options.cookies(options.watch()) },
        new Date(options.ports.clock.now()),
      );
    },
    /** Shows a history file, read-only; gives what is wrong with it, or null. */
    open(text: string): string | null {
      const read = readHistoryEntries(text);
      if ("problem" in read) return read.problem;
      options.turned();
      opened.value = read.entries;
      const rows = read.leftOut === 1 ? "1 row" : `${read.leftOut} rows`;
      if (read.leftOut > 0) options.tell(`Left out because it could not be read: ${rows} of the file`);
      return null;
    },
    close() {
      options.turned();
      opened.value = null;
    },
  };
});
