/** Two tools of the toolbar: snapshots, and export and import. */
import { Popover } from "../../../components/common/Popover.tsx";
import { Exchange, type PasteReport } from "../../../components/keep/Exchange.tsx";
import { Snapshots } from "../../../components/keep/Snapshots.tsx";
import { FORMATS, type FormatName } from "../../../extension/logic/formats/formats.ts";
import { HISTORY_FORMAT } from "../../../extension/logic/history/history-file.ts";
import type { Snapshot } from "../../../extension/models/editing/snapshots.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText } from "./actions.ts";

const HISTORY = { id: "history", title: "History, without secrets", fileName: "sessions-history.json" };
const EXPORTABLES = [
  HISTORY,
  ...FORMATS.map(({ name, title, fileName }) => ({ id: name, title: `Cookies as ${title}`, fileName })),
];

export function SnapshotsPart({ models }: { models: Models }) {
  const { snapshots } = models;
  const find = (name: string) => snapshots.snapshots.peek().find((each) => each.name === name);
  return (
    <Popover icon="camera" label="Snapshots">
      {(close) => (
        <Snapshots
          snapshots={snapshots.snapshots.value.map((each) => ({ name: each.name, about: aboutOf(each) }))}
          busy={snapshots.busy.value}
          onTake={(name) => snapshots.take(name)}
          onRestore={(name) => {
            const snapshot = find(name);
            close();
            if (snapshot) snapshots.restore(snapshot);
          }}
          onForget={snapshots.forget}
        />
      )}
    </Popover>
  );
}

export function ExchangePart({ models }: { models: Models }) {
  const { exchange } = models;
  return (
    <Popover icon="save" label="Export and import">
      {(close) => (
        <Exchange
          exportables={EXPORTABLES}
          busy={exchange.busy.value}
          render={(id) => renderExport(models, id)}
          onCopy={(text) => copyText(models, text, "the export")}
          onSave={saveFile}
          inspect={(text) => inspect(models, text)}
          onImport={(text) => {
            close();
            importText(models, text);
          }}
        />
      )}
    </Popover>
  );
}

function aboutOf({ cookies, server, at }: Snapshot): string {
  const count = cookies.length === 1 ? "1 cookie" : `${cookies.length} cookies`;
  return `${count}${server === null ? "" : " and the server's session"}, ${new Date(at).toLocaleTimeString()}`;
}

function renderExport({ exchange }: Models, id: string): { text: string; note: string } {
  if (id !== HISTORY.id) {
    const format = FORMATS.find(({ name }) => name === id);
    const note = "Holds the cookies' values: whoever has it is logged in as you.";
    return { text: format ? exchange.cookiesAs(format.name) : "", note };
  }
  const { text, replaced } = exchange.history();
  const count = replaced.cookie + replaced.key + replaced.secret;
  return {
    text,
    note: `${count === 1 ? "1 secret is" : `${count} secrets are`} replaced by stand-ins: cookie values, session keys, tokens. Look before you send it.`,
  };
}

function isHistory(text: string): boolean {
  return text.includes(`"${HISTORY_FORMAT}"`);
}

function inspect({ exchange }: Models, text: string): PasteReport {
  if (isHistory(text))
    return { sentence: "A history of the Sessions tab.", problems: [], action: "Open, read-only" };
  const { format, cookies, problems } = exchange.read(text);
  const count = cookies.length === 1 ? "1 cookie" : `${cookies.length} cookies`;
  const sentence = `${count}, as ${titleOf(format)}: ${cookies
    .map(({ name }) => name)
    .join(", ")
    .slice(0, 200)}`;
  return { sentence, problems: problems.slice(0, 5), action: cookies.length === 0 ? null : `Set ${count}` };
}

function importText({ exchange, undo }: Models, text: string): void {
  if (!isHistory(text)) {
    exchange.setCookies(exchange.read(text).cookies);
    return;
  }
  const problem = exchange.open(text);
  if (problem !== null) undo.tell(problem);
}

function titleOf(format: FormatName): string {
  return FORMATS.find(({ name }) => name === format)?.title ?? format;
}

function saveFile(fileName: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
