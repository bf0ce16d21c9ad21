/** What the panel says about a Django site, with and without reports about its requests. */
import { describe, expect, it } from "vitest";
import { sayOfRow, type Teller } from "../../../extension/logic/explain/no-reasons.ts";
import { BRIDGE_NOTICES, LOST } from "../../../extension/logic/notices/bridge-notices.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { CONTENTS_OF_ROW } from "../../../extension/logic/notices/row-notices.ts";
import type { Entry } from "../../../extension/logic/timeline/entry.ts";
import { noteText } from "../../../extension/logic/timeline/note-text.ts";
import { row, TRACE_ID } from "../../truth/facts.ts";
import { facts } from "./explain/material.ts";

const SITE = "http://localhost:8000";
const PLACE = "http://localhost:47801";
const django = { name: "Django", version: "5.2" };
const reads = { library: django, capabilities: ["prove" as const, "read" as const] };
const reports = { library: django, capabilities: ["prove" as const, "read" as const, "traces" as const] };
const inMemory = { library: django, capabilities: ["prove" as const, "traces" as const] };

const contents = (entry: Entry, hello: typeof reads | typeof reports | typeof inMemory) =>
  firstNotice(CONTENTS_OF_ROW, { entry, hello });

describe("a request of which nothing is known", () => {
  it("says how to get reports, with the lines, if the bridge only reads", () => {
    const told = contents(row(), reads);
    expect(told?.sentence).toContain("To see what each request does, let the site report it.");
    expect(told?.lines?.map(({ text }) => text.split("\n")[0])).toEqual([
      "pip install -e /path/to/sessions-devtools/server-bridge/django-package",
      "if DEBUG:",
      expect.stringMatching(/^python manage\.py session_bridge/),
    ]);
  });

  it("names the middleware if reports are taken, and says what has none", () => {
    const told = contents(row(), reports);
    expect(told?.sentence).toContain("first in its MIDDLEWARE");
    expect(told?.lines).toBeUndefined();
  });

  it("says neither of another library", () => {
    const other = { ...reads, library: { name: "express-session", version: "1" } };
    expect(contents(row(), other)?.sentence).not.toMatch(/MIDDLEWARE|pip/);
  });

  it("of a trace that does not arrive: nothing about Redis", () => {
    const gone = row({ traceGone: true }, { traceId: TRACE_ID });
    expect(contents(gone, reports)?.sentence).not.toContain("Redis");
  });

  it("does not send to Now, which shows nothing if the store cannot be read", () => {
    expect(contents(row(), reports)?.sentence).toContain("Choose Now");
    expect(contents(row(), inMemory)?.sentence).not.toContain("Choose Now");
  });
});

describe("Why?", () => {
  const why = (teller: Teller, library: string) =>
    sayOfRow(row({ reading: { before: "{}", after: "{}" } }), [{ ...facts({}), library }], teller);

  it("says next to a reading how to get reports", () => {
    const told = why("readings", "Django");
    expect(told.sentence).toContain("let the site report it");
    expect(told.lines).toHaveLength(3);
  });

  it("does not where there are reports, or where the library is another", () => {
    for (const told of [why("traces", "Django"), why("file", "Django"), why("readings", "Flask")])
      expect(told).not.toHaveProperty("lines");
  });
});

describe("a bridge next to the site that stops", () => {
  const lost = (place: string, hello: { library?: { name: string } } | null) => ({
    link: {
      origin: SITE,
      place,
      standing: { state: "lost" as const, since: 0, retryAt: 1, hello, cause: "unreachable" as const },
    },
    now: 0,
  });

  it("is named, and not the site, which still runs", () => {
    const told = LOST.tell(lost(PLACE, { library: django }));
    expect(told?.title).toBe("Lost the bridge");
    expect(told?.sentence).toContain("The bridge of localhost:8000, at localhost:47801, cannot be reached.");
    expect(told?.sentence).toContain("start it again: python manage.py session_bridge");
    expect(LOST.tell(lost(PLACE, {}))?.sentence).not.toContain("manage.py");
  });

  it("is the server, if it is at the site's own address", () => {
    const told = LOST.tell(lost(SITE, {}));
    expect(told?.title).toBe("Lost the server");
    expect(told?.sentence).toContain("localhost:8000 cannot be reached.");
  });
});

it("a store that only the site's process can read is not called a cookie without an owner", () => {
  const standing = { state: "ready" as const, hello: inMemory };
  const page = { pageUrl: `${SITE}/`, pageOrigin: SITE, claimedOrigin: null, offered: null, mark: null };
  const known = { isAnswered: true, isRecording: true, isDevServer: false, hasCalledApp: true };
  const told = firstNotice(BRIDGE_NOTICES, {
    ...page,
    ...known,
    newToken: "",
    now: 0,
    link: { origin: SITE, place: PLACE, standing },
  });
  expect(told?.title).toBe("The stored session cannot be read from outside");
});

describe("a gap", () => {
  it.each(["evicted", "slow"] as const)("%s blames neither the panel nor the log alone", (kind) => {
    const { text, title } = noteText({ kind, from: 3, to: 6 });
    expect(text).toMatch(/^Gap: up to 3 traces /);
    expect(title).toMatch(/did not run/);
    expect(title).toContain("Changes may be missing here.");
    expect(text).not.toContain("slow");
  });

  it("of one trace is exactly one", () => {
    expect(noteText({ kind: "slow", from: 3, to: 4 }).text).toBe("Gap: 1 trace skipped");
  });
});
