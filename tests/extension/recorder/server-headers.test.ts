/** What a response says about its server, from the browser's events and its log into the row, and nowhere else. */
import { describe, expect, it } from "vitest";
import { observeRequests, type RequestDetails } from "../../../extension/background/observe-requests.ts";
import { exportHistory } from "../../../extension/logic/history/history-file.ts";
import { readServer } from "../../../extension/messages/server-headers.ts";
import { parseBatch, type Sighting } from "../../../extension/messages/sighting.ts";
import { parseHarEntry } from "../../../extension/recorder/har-entry.ts";
import {
  addEntry,
  addSighting,
  emptyRequest,
  withoutKept,
} from "../../../extension/recorder/merge-witnesses.ts";

const AT = Date.UTC(2026, 10, 24, 12);
const URL_ = "http://localhost:3000/";
const EXPRESS = { name: "X-Powered-By", value: "Express" };
const SAID = ["x-powered-by: Express"];
const empty = emptyRequest("r1", AT, "GET", URL_);

/** The sighting of a response's head. */
function see(details: Partial<RequestDetails>): Sighting | undefined {
  const seen: Sighting[] = [];
  const listeners: ((details: RequestDetails) => void)[] = [];
  const event = { addListener: () => {}, removeListener: () => {} };
  const onHeadersReceived = {
    ...event,
    addListener: (listener: (details: RequestDetails) => void) => void listeners.push(listener),
  };
  const api = {
    ...{ onBeforeRequest: event, onSendHeaders: event, onBeforeRedirect: event },
    ...{ onCompleted: event, onErrorOccurred: event, onHeadersReceived },
  };
  observeRequests(
    api,
    (_tab, sighting) => seen.push(sighting),
    () => AT,
  ).start();
  const request = { requestId: "1", tabId: 1, timeStamp: AT, method: "GET", url: URL_, type: "main_frame" };
  for (const listener of listeners) listener({ ...request, statusCode: 200, ...details });
  return seen[0];
}

function readLog(more: { type?: string; cached?: boolean } = {}) {
  const entry = {
    startedDateTime: new Date(AT).toISOString(),
    _resourceType: more.type ?? "document",
    ...(more.cached && { _fromCache: "disk" }),
    request: { method: "GET", url: URL_, headers: [] },
    response: { status: 200, headers: [EXPRESS] },
  };
  return parseHarEntry(entry, AT);
}

describe("what a server says about itself", () => {
  it("is what the headers name, and the framework's own headers without their values", () => {
    const headers = [
      { name: "Server", value: "WSGIServer/0.2" },
      EXPRESS,
      { name: "x-nextjs-cache", value: "HIT" },
      { name: "x-nextjs-secret-of-mine", value: "a value" },
      { name: "content-type", value: "text/html" },
    ];
    expect(readServer(headers)).toEqual([
      ...["x-powered-by: Express", "server: WSGIServer/0.2"],
      ...["x-nextjs-cache", "x-nextjs-secret-of-mine"],
    ]);
  });

  it("is nothing without such headers", () => {
    expect(readServer([{ name: "content-type", value: "text/html" }, { name: "server" }])).toBeUndefined();
  });

  it("is cut to six lines of at most 80 characters", () => {
    const many = Array.from({ length: 50 }, (_, at) => ({
      name: "server",
      value: `${at}${"x".repeat(9999)}`,
    }));
    const said = readServer(many) ?? [];
    expect(said).toHaveLength(6);
    expect(Math.max(...said.map(({ length }) => length))).toBe("server: ".length + 80);
  });

  it("is in the row if either of the two saw it", () => {
    const sighting = see({ responseHeaders: [EXPRESS] });
    expect(sighting && addSighting(empty, sighting).server).toEqual(SAID);
    const entry = readLog();
    expect(entry && addEntry(empty, entry, false).server).toEqual(SAID);
  });

  it("is kept of documents and calls, not of files", () => {
    expect(see({ type: "xmlhttprequest", responseHeaders: [EXPRESS] })?.server).toEqual(SAID);
    expect(see({ type: "image", responseHeaders: [EXPRESS] })?.server).toBeUndefined();
    expect(readLog({ type: "fetch" })?.server).toEqual(SAID);
    expect(readLog({ type: "script" })?.server).toBeUndefined();
  });

  it("of a cached response is that of another time", () => {
    expect(withoutKept({ ...empty, server: SAID }, "yes").server).toBeUndefined();
    expect(withoutKept({ ...empty, server: SAID }, "perhaps").server).toBeUndefined();
    expect(readLog({ cached: true })?.server).toBeUndefined();
  });

  it("survives the extension's storage, and is in no file", () => {
    const sighting = see({ responseHeaders: [EXPRESS] });
    expect(parseBatch([sighting])[0]?.server).toEqual(SAID);
    const requests = [{ ...empty, status: 200, server: SAID }];
    const { text } = exportHistory({ requests, traces: [], cookies: [] }, new Date(AT));
    expect(text).toContain(URL_);
    expect(text).not.toContain("Express");
  });
});
