/** What rows say about readings. A change that belongs to no request is a row like any other. */
import { describe, expect, it } from "vitest";
import { readHistoryEntries } from "../../../../extension/logic/history/history-entries.ts";
import { exportHistory } from "../../../../extension/logic/history/history-file.ts";
import { readingsOf } from "../../../../extension/logic/history/history-readings.ts";
import { chipsOf } from "../../../../extension/logic/timeline/chips.ts";
import { isChange, type Reading, type SpanEntry } from "../../../../extension/logic/timeline/entry.ts";
import { matches, parseFilter } from "../../../../extension/logic/timeline/filter.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { pinnedCells } from "../../../../extension/logic/timeline/pins.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";
import { finish } from "../finish.ts";

const SITE = "http://localhost:8000";
const span = (changes: Partial<SpanEntry> = {}): SpanEntry => ({
  type: "span",
  id: "span 1",
  at: 20,
  from: 10,
  origin: SITE,
  reading: { before: '{"n":1}', after: '{"n":2}' },
  candidates: [],
  trace: null,
  ...changes,
});

function ledgerWith(reading: Reading) {
  const ledger = createLedger();
  ledger.request(fillRequest({ id: "r1", at: 5, method: "POST", url: `${SITE}/login` }));
  ledger.reading("r1", reading);
  ledger.span("span 1", span());
  return ledger;
}

describe("a change that belongs to no request", () => {
  it("has a row at the end of its span, which is later corrected or removed", () => {
    const ledger = ledgerWith({ before: null, after: '{"n":1}' });
    expect(ledger.list().map(({ id }) => id)).toEqual(["r1", "span 1"]);
    ledger.span("span 1", span({ at: 30 }));
    expect(ledger.list().at(-1)).toMatchObject({ id: "span 1", at: 30 });
    ledger.span("span 1", null);
    expect(ledger.list().map(({ id }) => id)).toEqual(["r1"]);
  });

  it("does not come back once its row was removed", () => {
    const ledger = ledgerWith({ before: null, after: '{"n":1}' });
    ledger.remove(() => true);
    ledger.span("span 1", span({ at: 30 }));
    expect(ledger.list()).toEqual([]);
  });

  it("says who may have made it, or that no one is known", () => {
    const title = (entry: SpanEntry) => chipsOf(entry).at(-1)?.title;
    expect(title(span())).toMatch(/the panel saw no response in this tab that set the session's cookie/);
    const candidates = [
      { method: "POST", path: "/one" },
      { method: "POST", path: "/two" },
    ];
    expect(title(span({ candidates }))).toMatch(/is not known.*POST \/one, POST \/two$/);
    expect(title(span({ candidates: candidates.slice(0, 1) }))).toMatch(/is not known.*: POST \/one$/);
    const files = Array.from({ length: 21 }, (_, at) => ({ method: "GET", path: `/${at}.js` }));
    expect(title(span({ candidates: files }))).toMatch(/: GET \/0\.js, .*, GET \/19\.js, and 1 more$/);
  });

  it("matches filters by its keys and the paths of its candidates, and has no status", () => {
    const shown = (text: string, entry = span()) => matches(entry, parseFilter(text, true));
    expect(["", "key:n", "n"].map((text) => shown(text))).toEqual([true, true, true]);
    expect(["key:other", "status:failed", "status:2xx"].map((text) => shown(text))).toEqual([
      false,
      false,
      false,
    ]);
    expect(shown("path:/one", span({ candidates: [{ method: "GET", path: "/one" }] }))).toBe(true);
    expect(isChange(span())).toBe(true);
  });

  it("gives a pinned key its value, and is named as its source in later rows", () => {
    const ledger = ledgerWith({ before: null, after: '{"n":1}' });
    ledger.request(fillRequest({ id: "r2", at: 40 }));
    const cells = pinnedCells(ledger.list(), ["n"]);
    const of = (id: string) => {
      const entry = ledger.find(id);
      return entry && cells.of(entry)?.[0];
    };
    expect(of("span 1")).toEqual({ text: "2", carriedFrom: null });
    expect(of("r2")).toMatchObject({ text: "2", carriedFrom: { id: "span 1" } });
  });
});

describe("a reading of a request", () => {
  const titles = (reading: Reading) => {
    const [entry] = ledgerWith(reading).list();
    return entry ? chipsOf(entry).map(({ text, title }) => `${text}: ${title}`) : [];
  };

  it("says what was checked", () => {
    expect(titles({ before: "{}", after: '{"n":1}' }).at(-1)).toMatch(
      /only this one set the session's cookie/,
    );
    expect(titles({ before: "{}", after: "{}" })).toEqual([
      expect.stringMatching(/^reading: .* found the same$/),
    ]);
  });

  it("is a change when only the key is new", () => {
    const [entry] = ledgerWith({ before: "{}", after: "{}", newKey: true }).list();
    expect(entry && isChange(entry)).toBe(true);
  });
});

describe("a saved history", () => {
  const told: Reading = {
    before: '{"n":1}',
    after: '{"n":1,"user_id":7,"api_token":"s3cr3t-s3cr3t-s3cr3t"}',
    findings: [{ code: "login-without-new-key", keys: ["user_id"] }],
  };

  function reopen(ledger: ReturnType<typeof ledgerWith>) {
    const entries = ledger.list();
    const requests = entries.flatMap((entry) => (entry.type === "request" ? entry.request : []));
    const all = { requests, traces: [], readings: readingsOf(entries), cookies: [] };
    const { text } = exportHistory(all, new Date(0));
    const read = finish(readHistoryEntries(text));
    if ("problem" in read) throw new Error(read.problem);
    return { text, ...read };
  }

  it("restores readings and spans, without secrets", () => {
    const { text, entries, leftOut } = reopen(ledgerWith(told));
    expect(text).not.toContain("s3cr3t");
    expect(leftOut).toBe(0);
    expect(entries).toMatchObject([
      { id: "r1", reading: { before: '{"n":1}', findings: told.findings } },
      { type: "span", at: 20, from: 10, origin: SITE, reading: { after: '{"n":2}' } },
    ]);
  });

  it("counts invalid readings, and opens a file of an older version", () => {
    const { text } = reopen(ledgerWith(told));
    const file = JSON.parse(text);
    const broken = {
      ...file,
      readings: [...file.readings, { request: 5 }, null, { ...file.readings[1], origin: "x" }],
    };
    expect(finish(readHistoryEntries(JSON.stringify(broken)))).toMatchObject({ leftOut: 3 });
    delete file.readings;
    expect(finish(readHistoryEntries(JSON.stringify(file)))).toMatchObject({ leftOut: 0 });
  });
});
