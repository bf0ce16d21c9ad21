/** The messages between a panel and its tab's recorder over one port, with a parser for each side. */
import { type EpochMs, finite, flag, oneOf, record } from "session-bridge/protocol";
import { anyText, anything, listOf, shapeBy, toParser } from "./message-parser.ts";
import { type NetworkRequest, readRequest } from "./network-request.ts";

/** The page went to another address. */
export interface Navigation {
  url: string;
  at: EpochMs;
}

/** From the recorder. A history comes in pieces, oldest first; `more` is false on its last. */
export type RecorderMessage =
  | {
      say: "history";
      requests: NetworkRequest[];
      dropped: number;
      recording: boolean;
      /** As in `RequestHistory`. */
      since?: EpochMs;
      more: boolean;
    }
  | { say: "requests"; requests: NetworkRequest[] }
  | { say: "navigated"; navigation: Navigation }
  | { say: "sites"; urls: string[]; whole: boolean }
  | { say: "visible"; visible: boolean }
  | { say: "kept"; items: [key: string, value: unknown][]; more: boolean };

/** From the panel. */
export type PanelMessage =
  | { say: "history" }
  | { say: "clear" }
  | { say: "record"; on: boolean }
  /** Without a value, what was kept under the key is removed. */
  | { say: "keep"; key: string; value?: unknown }
  | { say: "recall" };

/** The name of the port from a panel to the recorder of the tab it inspects. */
export function toPortName(tabId: number): string {
  return `recorder:${tabId}`;
}

/** Checks a message from a recorder. Throws `MessageError`. */
export const parseRecorderMessage = toParser(
  "recorder's message",
  shapeBy<"say", RecorderMessage>("say", {
    history: record(
      {
        say: oneOf("history"),
        requests: listOf(readRequest),
        dropped: finite,
        recording: flag,
        more: flag,
      },
      { since: finite },
    ),
    requests: record({ say: oneOf("requests"), requests: listOf(readRequest) }),
    navigated: record({
      say: oneOf("navigated"),
      navigation: record<Navigation>({ url: anyText, at: finite }),
    }),
    sites: record({ say: oneOf("sites"), urls: listOf(anyText), whole: flag }),
    visible: record({ say: oneOf("visible"), visible: flag }),
    kept: record({ say: oneOf("kept"), items: listOf(keptItem), more: flag }),
  }),
);

/** Checks a message from a panel. Throws `MessageError`. */
export const parsePanelMessage = toParser(
  "panel's message",
  shapeBy<"say", PanelMessage>("say", {
    history: record({ say: oneOf("history") }),
    clear: record({ say: oneOf("clear") }),
    record: record({ say: oneOf("record"), on: flag }),
    keep: record({ say: oneOf("keep"), key: anyText }, { value: anything }),
    recall: record({ say: oneOf("recall") }),
  }),
);

/** The kept value is the panel's own affair: only the key is checked. */
function keptItem(value: unknown, place: string): [key: string, value: unknown] {
  const [key, kept]: unknown[] = Array.isArray(value) ? value : [];
  return [anyText(key, `${place}[0]`), kept];
}
