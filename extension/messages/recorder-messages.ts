/**
 * What a panel and the recorder of its tab say to each other over one port, with a parser for each side.
 *
 * The only file of this room that others import.
 */
import type { EpochMs } from "session-bridge/protocol";
import type { NetworkRequest } from "../ports/ports.ts";
import {
  readChoice,
  readFields,
  readFlag,
  readList,
  readNumber,
  readOptional,
  readText,
  readTexts,
  ShapeError,
} from "./background-messages.ts";

export interface Navigation {
  url: string;
  at: EpochMs;
}

/** From the recorder. A history comes in pieces, oldest first; `more` is false on its last. */
export type RecorderMessage =
  | { say: "history"; requests: NetworkRequest[]; dropped: number; recording: boolean; more: boolean }
  | { say: "requests"; requests: NetworkRequest[] }
  | { say: "navigated"; navigation: Navigation }
  | { say: "sites"; urls: string[] }
  | { say: "visible"; visible: boolean }
  | { say: "kept"; items: [key: string, value: unknown][]; more: boolean };

/** From the panel. */
export type PanelMessage =
  | { say: "history" }
  | { say: "clear" }
  | { say: "record"; on: boolean }
  /** Without a value, what was kept under the key goes. */
  | { say: "keep"; key: string; value?: unknown }
  | { say: "recall" };

/** The name of the port from a panel to the recorder of the tab it inspects. */
export function toPortName(tabId: number): string {
  return `recorder:${tabId}`;
}

/** Checks what a recorder said. Throws `ShapeError`. */
export function parseRecorderMessage(value: unknown): RecorderMessage {
  const fields = readFields(value, "recorder's message");
  const say = readChoice(fields, "say", ["history", "requests", "navigated", "sites", "visible", "kept"]);
  switch (say) {
    case "history":
      return {
        say,
        requests: readList(fields, "requests", parseRequest),
        dropped: readNumber(fields, "dropped"),
        recording: readFlag(fields, "recording"),
        more: readFlag(fields, "more"),
      };
    case "requests":
      return { say, requests: readList(fields, "requests", parseRequest) };
    case "navigated": {
      const navigation = readFields(fields["navigation"], "navigation");
      return { say, navigation: { url: readText(navigation, "url"), at: readNumber(navigation, "at") } };
    }
    case "sites":
      return { say, urls: readTexts(fields, "urls") };
    case "visible":
      return { say, visible: readFlag(fields, "visible") };
    case "kept":
      return { say, items: readList(fields, "items", parseItem), more: readFlag(fields, "more") };
  }
}

/** Checks what a panel said. Throws `ShapeError`. */
export function parsePanelMessage(value: unknown): PanelMessage {
  const fields = readFields(value, "panel's message");
  const say = readChoice(fields, "say", ["history", "clear", "record", "keep", "recall"]);
  if (say === "record") return { say, on: readFlag(fields, "on") };
  return say === "keep" ? { say, key: readText(fields, "key"), value: fields["value"] } : { say };
}

/** What is kept is the panel's own affair: only the key is looked at. */
function parseItem(value: unknown): [key: string, value: unknown] {
  const [key, kept]: unknown[] = Array.isArray(value) ? value : [];
  if (typeof key !== "string") throw new ShapeError("[extension] What is kept must have a key.");
  return [key, kept];
}

function parseRequest(value: unknown): NetworkRequest {
  const fields = readFields(value, "request");
  return {
    id: readText(fields, "id"),
    at: readNumber(fields, "at"),
    method: readText(fields, "method"),
    url: readText(fields, "url"),
    status: readOptional(fields, "status", readNumber),
    type: readText(fields, "type"),
    durationMs: readOptional(fields, "durationMs", readNumber),
    traceId: readOptional(fields, "traceId", readText),
    sentCookies: readOptional(fields, "sentCookies", readTexts),
    setCookies: readTexts(fields, "setCookies"),
    fromCache: readFlag(fields, "fromCache"),
    error: readOptional(fields, "error", readText),
  };
}
