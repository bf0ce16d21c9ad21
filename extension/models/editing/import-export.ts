/** What leaves and enters the panel as text: cookies in four formats, the history without secrets, and both back again. */
import { createModel, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { FORMATS, type FormatName, recogniseFormat } from "../../logic/formats/formats.ts";
import { type PortableCookie, toPortable } from "../../logic/formats/portable.ts";
import { readHistoryEntries } from "../../logic/history/history-entries.ts";
import { exportHistory, type HistoryExport } from "../../logic/history/history-file.ts";
import { type Entry, traceOf } from "../../logic/timeline/entry.ts";
import type { ClockPort } from "../../ports/ports.ts";
import type { Watch } from "../showing/preferences.ts";
import { type ImportParts, importCookies } from "./import-cookies.ts";

interface ImportExportOptions extends ImportParts {
  ports: ImportParts["ports"] & { clock: ClockPort };
  entries: ReadonlySignal<readonly Entry[]>;
  /** Rows of a history file that is looked at in place of the tab's own; null normally. */
  opened: Signal<readonly Entry[] | null>;
  /** Which cookies leave as text. */
  watch: () => Watch;
  host: () => string;
  /** Other rows are shown from now on; their ids may be spelled like those of the rows before. */
  turned: () => void;
}

/** What a pasted text would do. */
interface Pasted {
  format: FormatName;
  cookies: readonly PortableCookie[];
  problems: readonly string[];
}

/** Cookies and the history as text, out and in. */
export const ImportExportModel = createModel((options: ImportExportOptions) => {
  const { opened } = options;
  const busy = signal(false);

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
      await importCookies(options, cookies).finally(() => {
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
