/** What leaves and enters the panel as text: cookies in four formats, and the history without secrets. */
import { createModel, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { FORMATS, type FormatName, recogniseFormat } from "../../logic/formats/formats.ts";
import { type PortableCookie, toPortable } from "../../logic/formats/portable.ts";
import { readHistoryEntries } from "../../logic/history/history-entries.ts";
import { exportHistory, type HistoryExport } from "../../logic/history/history-file.ts";
import { readingsOf } from "../../logic/history/history-readings.ts";
import { runSlices, type Sliced, type SliceRun } from "../../logic/slices.ts";
import { type Entry, serverOf, traceOf } from "../../logic/timeline/entry.ts";
import type { ClockPort } from "../../ports/ports.ts";
import { wait } from "../connection/wait.ts";
import type { Watch } from "../showing/preferences.ts";
import { type ImportParts, importCookies } from "./import-cookies.ts";

interface ImportExportOptions extends ImportParts {
  ports: ImportParts["ports"] & { clock: ClockPort };
  entries: ReadonlySignal<readonly Entry[]>;
  /** Rows of a history file that is viewed instead of the tab's own; null normally. */
  opened: Signal<readonly Entry[] | null>;
  /** Which cookies are exported. */
  watch: () => Watch;
  host: () => string;
  /** Other rows are shown from now on; their ids may equal those of the rows before. */
  turned: () => void;
}

/** What a pasted text would do. */
interface Pasted {
  format: FormatName;
  cookies: readonly PortableCookie[];
  problems: readonly string[];
}

/** The result of opening a history. */
type Opening = "opened" | "stopped" | { problem: string };

/** Import and export of cookies and the history as text. */
export const ImportExportModel = createModel((options: ImportExportOptions) => {
  const { opened } = options;
  const busy = signal(false);
  const importing = createImporting(options.ports.clock);

  return {
    opened,
    busy,
    /** How far an import has come, 0 to 1; null if there is none. */
    progress: importing.progress,
    /** Stops the import under way. None of it is shown; cookies that are already set stay, and can be undone. */
    stop: importing.stop,
    /** The tab's cookies as text. */
    cookiesAs(format: FormatName): string {
      const found = FORMATS.find(({ name }) => name === format);
      return found ? found.write(options.cookies(options.watch()).map(toPortable)) : "";
    },
    /** What a text contains, in whichever format; null if it was stopped, or another text came. */
    async read(text: string): Promise<Pasted | null> {
      const format = recogniseFormat(text);
      const found = FORMATS.find(({ name }) => name === format);
      if (found === undefined) return { format, cookies: [], problems: [] };
      const read = await importing.run(found.read(text, options.host()));
      return read === null ? null : { format, ...read };
    },
    /** Sets the cookies one by one, and reports the result. */
    async setCookies(cookies: readonly PortableCookie[]) {
      if (busy.peek()) return;
      busy.value = true;
      await importing
        .begin((run) => importCookies(options, cookies, run))
        .finally(() => {
          busy.value = false;
        });
    },
    /** The history as it would be saved: every secret replaced. */
    history(): HistoryExport {
      const entries = options.entries.peek();
      const requests = entries.flatMap((entry) =>
        entry.type === "request" ? { ...entry.request, number: entry.number } : [],
      );
      const traces = entries.flatMap((entry) => {
        const trace = traceOf(entry);
        return trace === null ? [] : { ...trace, server: serverOf(entry) };
      });
      return exportHistory(
        { requests, traces, readings: readingsOf(entries), cookies: options.cookies(options.watch()) },
        new Date(options.ports.clock.now()),
      );
    },
    /** Shows a history file, read-only. What was shown before stays if it is stopped or cannot be read. */
    async open(text: string): Promise<Opening> {
      const read = await importing.run(readHistoryEntries(text));
      if (read === null) return "stopped";
      if ("problem" in read) return read;
      options.turned();
      opened.value = read.entries;
      const rows = (count: number) => (count === 1 ? "1 row" : `${count} rows`);
      if (read.leftOut > 0)
        options.tell(`Left out because it could not be read: ${rows(read.leftOut)} of the file`);
      else if (read.older > 0)
        options.tell(`Left out because there is no room: ${rows(read.older)}, the oldest`);
      return "opened";
    },
    close() {
      options.turned();
      opened.value = null;
    },
  };
});

/** One import at a time: a new one stops the one before. */
function createImporting(clock: ClockPort) {
  const progress = signal<number | null>(null);
  let current: AbortController | null = null;

  async function begin<T>(work: (run: SliceRun) => Promise<T>): Promise<T> {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    const { signal: stopped } = mine;
    try {
      return await work({
        now: () => clock.now(),
        pause: () => wait(clock, 1, stopped),
        progress: (share) => {
          if (current === mine) progress.value = share;
        },
        signal: stopped,
      });
    } finally {
      if (current === mine) {
        current = null;
        progress.value = null;
      }
    }
  }

  return {
    progress,
    begin,
    run: <T>(work: Sliced<T>) => begin((run) => runSlices(work, run)),
    stop: () => current?.abort(),
  };
}
