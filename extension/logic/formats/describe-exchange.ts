/** What can leave the panel as text, what a pasted text is, and the sentences about both. */
import { HISTORY_FORMAT, type HistoryExport } from "../history/history-file.ts";
import { FORMATS, type FormatName } from "./formats.ts";

/** One thing that can be exported. */
interface ExportChoice {
  id: FormatName | "history";
  title: string;
  fileName: string;
}

/** What a pasted text is. */
export interface PasteReport {
  /** One sentence: `3 cookies, as Netscape cookies.txt: sessionid, csrftoken, theme`. */
  sentence: string;
  problems: readonly string[];
  /** What the button does; null if nothing can be done with the text. */
  action: string | null;
}

/** The history, which is selected at first. */
export const HISTORY: ExportChoice = {
  id: "history",
  title: "History, without secrets",
  fileName: "sessions-history.json",
};

/** Everything that can be exported, in the order of the list. */
export const EXPORT_CHOICES: readonly ExportChoice[] = [
  HISTORY,
  ...FORMATS.map(({ name, title, fileName }) => ({ id: name, title: `Cookies as ${title}`, fileName })),
];

/** The note next to exported cookies. */
export const COOKIES_NOTE = "Contains the cookies' values: anyone who has it is logged in as you.";

const MAX_NAMES = 200;
const MAX_PROBLEMS = 5;

/** The note next to an exported history. */
export function historyNote({ replaced }: HistoryExport): string {
  const count = replaced.cookie + replaced.key + replaced.secret;
  return `${count === 1 ? "1 secret is" : `${count} secrets are`} replaced by stand-ins: cookie values, session keys, tokens. Check it before you send it.`;
}

/** True for a text that is a saved history, whole or damaged. */
export function isHistory(text: string): boolean {
  return text.includes(`"${HISTORY_FORMAT}"`);
}

/** What a saved history can be used for. */
export const HISTORY_REPORT: PasteReport = {
  sentence: "A history of the Sessions tab.",
  problems: [],
  action: "Open, read-only",
};

/** What pasted cookies are, once they have been read. */
export function reportCookies(pasted: {
  format: FormatName;
  cookies: readonly { name: string }[];
  problems: readonly string[];
}): PasteReport {
  const { format, cookies, problems } = pasted;
  const count = cookies.length === 1 ? "1 cookie" : `${cookies.length} cookies`;
  const title = FORMATS.find(({ name }) => name === format)?.title ?? format;
  const names = cookies
    .slice(0, MAX_NAMES)
    .map(({ name }) => name)
    .join(", ");
  return {
    sentence: `${count}, as ${title}: ${names.slice(0, MAX_NAMES)}`,
    problems: problems.slice(0, MAX_PROBLEMS),
    action: cookies.length === 0 ? null : `Set ${count}`,
  };
}
