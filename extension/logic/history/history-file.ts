/**
 * The panel's history as a file to keep or to send: requests, traces and cookies, with every secret replaced.
 *
 * What counts as a secret: cookie values, session keys, query values, and whatever a trace would hide by name or by form. The
 * same secret has the same stand-in throughout, so a reader can still see which requests share a session. What a trace has
 * already hidden gets new numbers, because with a session on the same server one could try which value produces the mark in its
 * place.
 */
import { numberDigests } from "session-bridge/protocol";
import { parseText } from "../formats/parse-text.ts";
import { createLearner, createReplacer } from "./hide-secrets.ts";
import { type History, visitHistory } from "./history-visitor.ts";
import { createPseudonyms, type SecretKind } from "./pseudonyms.ts";

export const HISTORY_FORMAT = "sessions-devtools-history";
const HISTORY_VERSION = 1;

export interface HistoryExport {
  /** The file's text. */
  text: string;
  /** For the preview: how many secrets of each kind were replaced. */
  replaced: Record<SecretKind, number>;
}

/** The history as JSON without secrets, in time linear in its length. `exportedAt` is written into it. */
export function exportHistory(history: History, exportedAt: Date): HistoryExport {
  const pseudonyms = createPseudonyms();
  const learner = createLearner(pseudonyms);
  // Cookies first: a value that also occurs in a link is named after the cookie.
  for (const { value } of history.cookies) learner.cookieValue(value);
  for (const line of history.requests.flatMap(({ setCookies }) => setCookies)) learner.setCookieLine(line);
  visitHistory(history, learner);
  const file = {
    format: HISTORY_FORMAT,
    version: HISTORY_VERSION,
    exportedAt: exportedAt.toISOString(),
    ...visitHistory(history, createReplacer(pseudonyms)),
  };
  return { text: numberDigests(JSON.stringify(file, null, 2)), replaced: pseudonyms.count() };
}

/** Reads such a file for viewing, or says what is wrong with it. */
export function parseHistory(text: string): History | { problem: string } {
  const parsed = parseText(text);
  if ("problem" in parsed) return parsed;
  const file = parsed.value;
  const found: Record<string, unknown> = typeof file === "object" && file !== null ? { ...file } : {};
  if (found["format"] !== HISTORY_FORMAT)
    return {
      problem: "This file is not a history of the Sessions tab. Choose one that was saved under Export.",
    };
  if (found["version"] !== HISTORY_VERSION)
    return {
      problem: `This history is of version ${String(found["version"]).slice(0, 20)}; this panel reads ${HISTORY_VERSION}. Open it with the panel that saved it.`,
    };
  const { requests, traces, readings = [], cookies } = found;
  if (
    !Array.isArray(requests) ||
    !Array.isArray(traces) ||
    !Array.isArray(cookies) ||
    !Array.isArray(readings)
  )
    return { problem: "The history is cut short: a list is missing. Save it again." };
  return { requests, traces, readings, cookies };
}
