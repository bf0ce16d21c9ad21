/** Export and import: cookies in common formats, and the history without secrets; everything can be checked before it is done. */
import "./export-import.css";
import { useMemo, useState } from "preact/hooks";
import {
  COOKIES_NOTE,
  EXPORT_CHOICES,
  HISTORY,
  historyNote,
} from "../../extension/logic/formats/describe-exchange.ts";
import type { FormatName } from "../../extension/logic/formats/formats.ts";
import type { HistoryExport } from "../../extension/logic/history/history-file.ts";
import { Import, type ImportProps } from "./Import.tsx";
import { describeSize, LARGE, previewOf } from "./large-text.ts";

interface ExportImportProps extends ImportProps {
  /** From the model: what leaves and enters as text. */
  exchange: ImportProps["exchange"] & {
    cookiesAs(format: FormatName): string;
    history(): HistoryExport;
  };
  onCopy: (text: string) => void;
  onSave: (fileName: string, text: string) => void;
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
  // Once for each choice: a history of ten thousand rows takes a second.
  const { text, note } = useMemo(() => exportOf(exchange, chosen.id), [chosen.id]);
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
      <textarea
        class="exchange-text"
        aria-label="Preview"
        readOnly
        spellcheck={false}
        value={previewOf(text)}
      />
      {text.length > LARGE && (
        <p class="dim">The preview ends here. Copy and Save take all {describeSize(text.length)}.</p>
      )}
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

function exportOf(
  exchange: ExportImportProps["exchange"],
  id: FormatName | "history",
): { text: string; note: string } {
  if (id !== "history") return { text: exchange.cookiesAs(id), note: COOKIES_NOTE };
  const history = exchange.history();
  return { text: history.text, note: historyNote(history) };
}
