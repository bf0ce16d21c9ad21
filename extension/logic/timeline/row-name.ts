/** How a row of the timeline is named where its session is shown: `request 5 · POST /login`. */
import { cutText } from "../json/tree-rows.ts";
import { formatTime } from "../time-text.ts";
import type { Entry, RequestEntry, TraceEntry } from "./entry.ts";

const MAX_PATH = 80;

/** The row's name, fit to follow "after"; empty for notes, which show no session. */
export function nameRow(entry: Entry): string {
  switch (entry.type) {
    case "note":
      return "";
    case "request":
      return nameRequest(entry);
    case "span":
      return `a change between ${formatTime(entry.from)} and ${formatTime(entry.at)}`;
    default:
      return nameTrace(entry);
  }
}

function nameRequest({ number, request: { method, url } }: RequestEntry): string {
  const path = URL.canParse(url) ? new URL(url).pathname : url;
  const name = `${method} ${cutText(path, MAX_PATH)}`;
  return number === null ? name : `request ${number} · ${name}`;
}

function nameTrace(entry: TraceEntry): string {
  if (entry.type === "edit") return `an edit in ${entry.own ? "this" : "a"} panel at ${formatTime(entry.at)}`;
  const { method, path } = entry.trace.request;
  return `${method} ${cutText(path, MAX_PATH)}, ${placeOf(entry)}`;
}

/** What is known of where a request came from that stands in no row of this tab. */
function placeOf({ early, unanswered, unrecorded }: TraceEntry): string {
  if (early && !unrecorded) return "before DevTools opened";
  return unanswered || unrecorded ? "perhaps outside this tab" : "outside this tab";
}
