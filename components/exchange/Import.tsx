/** The import half of its popover: a text or a file is read in slices, shown, and only then used. */
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import {
  HISTORY_REPORT,
  isHistory,
  type PasteReport,
  reportCookies,
} from "../../extension/logic/formats/describe-exchange.ts";
import type { FormatName } from "../../extension/logic/formats/formats.ts";
import type { PortableCookie } from "../../extension/logic/formats/portable.ts";
import { describeSize, LARGE } from "./large-text.ts";

interface Pasted {
  format: FormatName;
  cookies: readonly PortableCookie[];
  problems: readonly string[];
}

export interface ImportProps {
  /** From the model: what enters as text. */
  exchange: {
    busy: ReadonlySignal<boolean>;
    /** The share that is done, 0 to 1; null while nothing is being read or set. */
    progress: ReadonlySignal<number | null>;
    stop(): void;
    /** Null if it was stopped. */
    read(text: string): Promise<Pasted | null>;
    setCookies(cookies: readonly PortableCookie[]): Promise<void>;
    /** Shows a history file. */
    open(text: string): Promise<"opened" | "stopped" | { problem: string }>;
  };
  /** Why a text could not be used. */
  onProblem: (sentence: string) => void;
  /** Closes the popover. */
  onClose: () => void;
}

/** The text of a file or the clipboard. */
interface Source {
  text: string;
  /** What is shown of a text that is too large for a field; null for one that is in the field. */
  label: string | null;
}

/** What a text is, and its cookies. */
interface Read {
  report: PasteReport;
  cookies: readonly PortableCookie[];
}

const EMPTY: Source = { text: "", label: null };
const STOPPED: Read = {
  report: { sentence: "Stopped. Nothing was changed.", problems: [], action: null },
  cookies: [],
};

/** The contents of the popover below the export. */
export function Import({ exchange, onProblem, onClose }: ImportProps) {
  const [source, setSource] = useState(EMPTY);
  const { text, label } = source;
  const [read, setRead] = useReading(exchange, text);
  useEffect(() => exchange.stop, []);

  const take = async (name: string, given: string | Promise<string>): Promise<void> => {
    const taken = await given;
    setSource({ text: taken, label: taken.length > LARGE ? `${name}: ${describeSize(taken.length)}` : null });
  };
  const use = async (): Promise<void> => {
    if (!isHistory(text)) {
      await exchange.setCookies(read?.cookies ?? []);
      return onClose();
    }
    const ended = await exchange.open(text);
    if (ended === "stopped")
      return setRead({ ...STOPPED, report: { ...STOPPED.report, action: HISTORY_REPORT.action } });
    onClose();
    if (ended !== "opened") onProblem(ended.problem);
  };
  const action = read?.report.action ?? null;
  return (
    <fieldset>
      <legend>Import</legend>
      <label class="exchange-file">
        From a file
        <input
          type="file"
          onChange={({ currentTarget: { files } }) => files?.[0] && take(files[0].name, files[0].text())}
        />
      </label>
      {label === null ? (
        <textarea
          class="exchange-text"
          aria-label="Text to import"
          placeholder="Paste cookies (JSON, cookies.txt, a Cookie header, storageState) or a saved history"
          spellcheck={false}
          value={text}
          onInput={(event) => setSource({ text: event.currentTarget.value, label: null })}
          onPaste={(event) => {
            const pasted = event.clipboardData?.getData("text/plain") ?? "";
            if (pasted.length <= LARGE) return;
            event.preventDefault();
            take("The pasted text", pasted);
          }}
        />
      ) : (
        <LargeText label={label} onForget={() => setSource(EMPTY)} />
      )}
      <Progress exchange={exchange} />
      {read && <Report report={read.report} />}
      <div class="popover-buttons">
        <button
          type="button"
          class="button button-primary"
          disabled={exchange.busy.value || exchange.progress.value !== null || action === null}
          onClick={use}
        >
          {action ?? "Import"}
        </button>
      </div>
    </fieldset>
  );
}

/** What the text is; null until that is known, and if there is no text. What an earlier text was is never used for this one. */
function useReading(exchange: ImportProps["exchange"], text: string) {
  const [found, setFound] = useState<{ of: string; read: Read } | null>(null);
  const setRead = (read: Read): void => setFound({ of: text, read });
  useEffect(() => {
    let wanted = true;
    if (text.trim() !== "") {
      readText(exchange, text).then((read) => {
        if (wanted) setRead(read);
      });
    }
    return () => {
      wanted = false;
    };
  }, [text]);
  return [found?.of === text ? found.read : null, setRead] as const;
}

function LargeText({ label, onForget }: { label: string; onForget: () => void }) {
  return (
    <p class="exchange-large">
      <bdi>{label}</bdi>
      <button type="button" class="button" onClick={onForget}>
        Discard
      </button>
    </p>
  );
}

/** How far reading or setting has come, with a button to stop it. */
function Progress({ exchange }: Pick<ImportProps, "exchange">) {
  const share = exchange.progress.value;
  if (share === null) return null;
  return (
    <div class="exchange-progress">
      <progress aria-label="Import" max={1} value={share} />
      <button type="button" class="button" onClick={exchange.stop}>
        Stop
      </button>
    </div>
  );
}

function Report({ report }: { report: PasteReport }) {
  return (
    <div role="status">
      <p>{report.sentence}</p>
      {report.problems.map((problem) => (
        <p key={problem} class="exchange-problem">
          <bdi>{problem}</bdi>
        </p>
      ))}
    </div>
  );
}

async function readText(exchange: ImportProps["exchange"], text: string): Promise<Read> {
  if (isHistory(text)) return { report: HISTORY_REPORT, cookies: [] };
  const pasted = await exchange.read(text);
  return pasted === null ? STOPPED : { report: reportCookies(pasted), cookies: pasted.cookies };
}
