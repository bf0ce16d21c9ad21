/** Export and import: cookies in common formats, the history without secrets; everything is seen before it is done. */
import "./export-import.css";
import type { ReadonlySignal } from "@preact/signals";
import { useState } from "preact/hooks";
import {
  COOKIES_NOTE,
  EXPORT_CHOICES,
  HISTORY,
  HISTORY_REPORT,
  historyNote,
  isHistory,
  type PasteReport,
  reportCookies,
} from "../../extension/logic/formats/describe-exchange.ts";
import type { FormatName } from "../../extension/logic/formats/formats.ts";
import type { PortableCookie } from "../../extension/logic/formats/portable.ts";
import type { HistoryExport } from "../../extension/logic/history/history-file.ts";

interface Pasted {
  format: FormatName;
  cookies: readonly PortableCookie[];
  problems: readonly string[];
}

interface ExportImportProps {
  /** Of the model: what leaves and enters as text. */
  exchange: {
    busy: ReadonlySignal<boolean>;
    cookiesAs(format: FormatName): string;
    history(): HistoryExport;
    read(text: string): Pasted;
    setCookies(cookies: readonly PortableCookie[]): Promise<void>;
    /** Shows a history file; gives what is wrong with it, or null. */
    open(text: string): string | null;
  };
  onCopy: (text: string) => void;
  onSave: (fileName: string, text: string) => void;
  /** Why a text could not be used. */
  onProblem: (sentence: string) => void;
  /** Closes the popover. */
  onClose: () => void;
}

/** The contents of its popover. */
export function ExportImport(props: ExportImportProps) {
  return (
    <div class="exchange">
      <h2>Export and import</h2>
      <Export {...props} />
      <Import {...props} />
    </div>
  );
}

function Export({ exchange, onCopy, onSave }: ExportImportProps) {
  const [chosen, setChosen] = useState(HISTORY);
  const { text, note } = exportOf(exchange, chosen.id);
  return (
    <fieldset>
      <legend>Export</legend>
      <select
        class="field"
        aria-label="What to export"
        value={chosen.id}
        onChange={({ currentTarget: { value } }) =>
          setChosen(EXPORT_CHOICES.find(({ id }) => id === value) ?? HISTORY)
        }
      >
        {EXPORT_CHOICES.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
      <p class="dim">{note}</p>
      <textarea class="exchange-text" aria-label="Preview" readOnly spellcheck={false} value={text} />
      <div class="popover-buttons">
        <button type="button" class="button" onClick={() => onCopy(text)}>
          Copy
        </button>
        <button type="button" class="button" onClick={() => onSave(chosen.fileName, text)}>
          Save as {chosen.fileName}
        </button>
      </div>
    </fieldset>
  );
}

function Import({ exchange, onProblem, onClose }: ExportImportProps) {
  const [text, setText] = useState("");
  const report = text.trim() === "" ? null : reportOf(exchange, text);
  const readFile = async (file: File | undefined): Promise<void> => {
    if (file) setText(await file.text());
  };
  const take = (): void => {
    onClose();
    if (!isHistory(text)) {
      exchange.setCookies(exchange.read(text).cookies);
      return;
    }
    const problem = exchange.open(text);
    if (problem !== null) onProblem(problem);
  };
  return (
    <fieldset>
      <legend>Import</legend>
      <label class="exchange-file">
        From a file
        <input type="file" onChange={(event) => readFile(event.currentTarget.files?.[0])} />
      </label>
      <textarea
        class="exchange-text"
        aria-label="Text to import"
        placeholder="Paste cookies (JSON, cookies.txt, a Cookie header, storageState) or a saved history"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {report && (
        <div role="status">
          <p>{report.sentence}</p>
          {report.problems.map((problem) => (
            <p key={problem} class="exchange-problem">
              <bdi>{problem}</bdi>
            </p>
          ))}
        </div>
      )}
      <div class="popover-buttons">
        <button
          type="button"
          class="button button-primary"
          disabled={exchange.busy.value || report?.action == null}
          onClick={take}
        >
          {report?.action ?? "Import"}
        </button>
      </div>
    </fieldset>
  );
}

function exportOf(
  exchange: ExportImportProps["exchange"],
  id: FormatName | "history",
): { text: string; note: string } {
  if (id !== "history") return { text: exchange.cookiesAs(id), note: COOKIES_NOTE };
  const history = exchange.history();
  return { text: history.text, note: historyNote(history) };
}

function reportOf(exchange: ExportImportProps["exchange"], text: string): PasteReport {
  return isHistory(text) ? HISTORY_REPORT : reportCookies(exchange.read(text));
}
