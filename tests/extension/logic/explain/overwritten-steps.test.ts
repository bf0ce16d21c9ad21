/**
 * Finding overwritten cookies takes steps that are linear in the rows, whatever the servers set; and rows that are known need few
 * steps again. Steps are counted, not timed.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { overwrittenRows } from "../../../../extension/logic/explain/overwritten.ts";
import type { RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import { loadCounted } from "../../../texts/count-steps.ts";
import { counter } from "../../../texts/step-counter.ts";
import { AT, request, trace } from "./material.ts";

const [A, B] = ["http://localhost:3000", "http://localhost:4000"];
const [FEW, MANY] = [1_000, 4_000];
/** For a row that was read before: one and a half times those of the worst tab. To parse its line takes as many again. */
const AGAIN = 630;
/** For rows that were all read before: the 500 that are found are only listed. */
const MOST_LISTED = 80_000;
const ONE_SERVER = 105;

interface Row extends Partial<NetworkRequest> {
  process?: string;
}
type Tab = (at: number) => Row;

let counted: { overwrittenRows: typeof overwrittenRows };

beforeAll(async () => {
  const file = new URL("../../../../extension/logic/explain/overwritten.ts", import.meta.url).pathname;
  counted = (await loadCounted(file)) as typeof counted; // that module's exports
});

const line = (at: number, more = "Path=/") => ({ setCookies: [`sessionid=${at}; ${more}; SameSite=Lax`] });
const server = (isOther: boolean, path = "/") => ({ url: `${isOther ? B : A}${path}` });

/** What makes many rows expensive, each in the form that cost most. */
const TABS: Record<string, Tab> = {
  "one app at two addresses sets it in every response": (at) => ({
    ...server(at % 2 === 1),
    ...line(at),
    process: "one",
  }),
  "two apps overwrite it in every response": (at) => ({ ...server(at % 2 === 1), ...line(at) }),
  "users sign in at two apps in turn": (at) => ({
    ...server(at % 50 >= 25),
    ...(at % 25 === 0 && line(at)),
  }),
  "every second response sets another Path, and two apps overwrite the others": (at) => ({
    ...server(at % 4 === 3),
    ...line(at, at % 2 === 0 ? `Path=/orders/${at}` : "Path=/"),
  }),
  "each response clears the site's cookies": (at) => ({
    ...server(at % 2 === 1),
    ...line(at),
    clearsCookies: true,
  }),
  "servers restart after each request": (at) => ({
    ...server(at % 2 === 1),
    ...line(at),
    process: String(at),
  }),
  "each response comes from another port": (at) => ({ url: `http://localhost:${at + 1}/`, ...line(at) }),
};

function rowsOf(tab: Tab, count: number): RequestEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const { process, ...about } = tab(index);
    const [id, at] = [String(index), AT + index * 1000];
    const asked = request({ id, at, method: "GET", status: 200, sentCookies: ["sessionid"], ...about });
    const { origin } = new URL(asked.url);
    return {
      type: "request",
      id,
      at,
      number: index,
      request: asked,
      trace: trace({ process: process ?? origin }),
      traceGone: false,
      reading: null,
      page: origin,
    };
  });
}

/** The steps of one change of the rows, and how many rows have a chip. */
function stepsFor(entries: readonly RequestEntry[]): { steps: number; found: number } {
  counter.taken = 0;
  const found = counted.overwrittenRows(["sessionid"], { entries, removed: new Map() }).size;
  return { steps: counter.taken, found };
}

describe("overwritten cookies are found in steps that are linear in the rows", () => {
  it.each(Object.entries(TABS))("if %s", (_what, tab) => {
    const few = stepsFor(rowsOf(tab, FEW)).steps;
    const many = stepsFor(rowsOf(tab, MANY)).steps;
    expect(few).toBeGreaterThan(FEW); // it is counted
    expect(many / few).toBeLessThan((1.2 * MANY) / FEW);
  });

  it.each(Object.entries(TABS))("and in few for each row that is known, if %s", (_what, tab) => {
    const rows = rowsOf(tab, MANY + 1);
    stepsFor(rows.slice(0, MANY));
    const more = stepsFor(rows);
    expect(more.steps / MANY).toBeLessThan(AGAIN);
    const same = stepsFor(rows);
    expect(same.found).toBe(more.found);
    expect(same.steps).toBeLessThan(MOST_LISTED);
  });

  it("and in almost none if one server sets the cookie", () => {
    const rows = rowsOf((at) => ({ ...server(false), ...line(at) }), MANY);
    expect(stepsFor(rows).steps / MANY).toBeLessThan(ONE_SERVER);
  });
});
