/** Export and import: cookies in the field's formats, the history without secrets; everything is seen before it is done. */
import "./keep.css";
import { useState } from "preact/hooks";

/** What can be shown for saving. */
export interface Exportable {
  id: string;
  title: string;
  fileName: string;
}

/** What a pasted text is. */
export interface PasteReport {
  /** One sentence: `3 cookies, as Netscape cookies.txt`. */
  sentence: string;
  problems: readonly string[];
  /** What the button does; null when nothing can be done with the text. */
  action: string | null;
}

interface ExchangeProps {
  exportables: readonly Exportable[];
  busy: boolean;
  /** The text for one of them, and a sentence on what was done to it. */
  render: (id: string) => { text: string; note: string };
  onCopy: (text: string) => void;
  onSave: (fileName: string, text: string) => void;
  inspect: (text: string) => PasteReport;
  onImport: (text: string) => void;
}

export function Exchange(props: ExchangeProps) {
  return (
    <div class="keep">
      <h2>Export and import</h2>
      <Export {...props} />
      <Import {...props} />
    </div>
  );
}

function Export({ exportables, render, onCopy, onSave }: ExchangeProps) {
  const [id, setId] = useState(exportables[0]?.id ?? "");
  const chosen = exportables.find((each) => each.id === id);
  const { text, note } = render(id);
  return (
    <fieldset>
      <legend>Export</legend>
      <select
        class="field"
        aria-label="What to export"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
      >
        {exportables.map((each) => (
          <option key={each.id} value={each.id}>
            {each.title}
          </option>
        ))}
      </select>
      <p class="dim">{note}</p>
      <textarea class="keep-text" aria-label="Preview" readOnly spellcheck={false} value={text} />
      <div class="popover-buttons">
        <button type="button" class="button" onClick={() => onCopy(text)}>
          Copy
        </button>
        <button type="button" class="button" onClick={() => chosen && onSave(chosen.fileName, text)}>
          Save as {chosen?.fileName}
        </button>
      </div>
    </fieldset>
  );
}

function Import({ inspect, onImport, busy }: ExchangeProps) {
  const [text, setText] = useState("");
  const report = text.trim() === "" ? null : inspect(text);
  const readFile = async (file: File | undefined): Promise<void> => {
    if (file) setText(await file.text());
  };
  return (
    <fieldset>
      <legend>Import</legend>
      <label class="keep-file">
        From a file
        <input type="file" onChange={(event) => readFile(event.currentTarget.files?.[0])} />
      </label>
      <textarea
        class="keep-text"
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
            <p key={problem} class="keep-problem">
              <bdi>{problem}</bdi>
            </p>
          ))}
        </div>
      )}
      <div class="popover-buttons">
        <button
          type="button"
          class="button button-primary"
          disabled={busy || report?.action == null}
          onClick={() => onImport(text)}
        >
          {report?.action ?? "Import"}
        </button>
      </div>
    </fieldset>
  );
}
