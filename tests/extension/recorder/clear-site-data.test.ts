/** `Clear-Site-Data`, from the browser's events and its log into the row, and through a file and back. */
import { describe, expect, it } from "vitest";
import { readHistoryEntries } from "../../../extension/logic/history/history-entries.ts";
import { exportHistory } from "../../../extension/logic/history/history-file.ts";
import { readClearsCookies } from "../../../extension/messages/headers.ts";
import { parseBatch, type Sighting } from "../../../extension/messages/sighting.ts";
import { parseHarEntry } from "../../../extension/recorder/har-entry.ts";
import {
  addEntry,
  addSighting,
  emptyRequest,
  withoutKept,
} from "../../../extension/recorder/merge-witnesses.ts";
import { finish } from "../logic/finish.ts";

const AT = Date.UTC(2026, 10, 24, 12);
const URL_ = "http://localhost:8000/logout";
const empty = emptyRequest("r1", AT, "POST", URL_);
const received: Sighting = {
  requestId: "1",
  phase: "received",
  at: AT + 5,
  method: "POST",
  url: URL_,
  type: "main_frame",
  status: 200,
  sentCookies: null,
  setCookies: [],
  traceId: null,
  fromCache: false,
  error: null,
};

describe("Clear-Site-Data", () => {
  // As both browsers treat them.
  it.each([['"cookies"'], ['"*"'], ['"cache", "cookies"'], ['"cache","cookies"']])(
    "deletes cookies: %s",
    (text) => {
      expect(readClearsCookies([text])).toBe(true);
    },
  );

  it.each([['"cache"'], ["cookies"], ['"Cookies"'], ['"cookies";x'], ['"storage"'], [""]])(
    "deletes none: %s",
    (text) => {
      expect(readClearsCookies([text])).toBe(false);
    },
  );

  it("is in the row if either of the two saw it", () => {
    expect(addSighting(empty, { ...received, clearsCookies: true }).clearsCookies).toBe(true);
    expect(addSighting(empty, received).clearsCookies).toBeUndefined();
    const entry = parseHarEntry(
      {
        startedDateTime: new Date(AT).toISOString(),
        request: { method: "POST", url: URL_, headers: [] },
        response: { status: 200, headers: [{ name: "clear-site-data", value: '"cookies"' }] },
      },
      AT,
    );
    expect(entry && addEntry(empty, entry, false).clearsCookies).toBe(true);
  });

  it("of a cached response belongs to another request", () => {
    expect(withoutKept({ ...empty, clearsCookies: true }, "yes").clearsCookies).toBeUndefined();
  });

  it("survives the extension's storage, and a file", () => {
    expect(parseBatch([{ ...received, clearsCookies: true }])[0]?.clearsCookies).toBe(true);
    const requests = [{ ...empty, status: 200, clearsCookies: true }];
    const { text } = exportHistory({ requests, traces: [], cookies: [] }, new Date(AT));
    const read = finish(readHistoryEntries(text));
    expect(read).toMatchObject({ entries: [{ request: { clearsCookies: true } }] });
  });
});
