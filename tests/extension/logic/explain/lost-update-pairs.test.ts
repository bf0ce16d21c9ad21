/** A lost update is reported in both rows, each naming the other. */
import { cutMark } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { explain } from "../../../../extension/logic/explain/explain.ts";
import { gatherFacts } from "../../../../extension/logic/explain/gather.ts";
import type { RequestEntry } from "../../../../extension/logic/timeline/entry.ts";
import { AT, request, side, trace } from "./material.ts";

const row = (number: number, changes: Parameters<typeof trace>[0]): RequestEntry => ({
  type: "request",
  id: String(number),
  at: AT + number,
  number,
  request: request({ id: String(number), url: "http://localhost:8000/cart" }),
  trace: trace({ before: side, after: side, ...changes }),
  traceGone: false,
  reading: null,
});

const entries = [
  row(7, { id: "first" }),
  row(8, { id: "second", findings: [{ code: "lost-update", keys: ["cart"], traces: ["first"] }] }),
  row(9, { id: "third" }),
  row(10, { id: "fourth", findings: [{ code: "lost-update", keys: [cutMark("2 keys")] }] }),
];

function told(number: number): string {
  const entry = entries.find((each) => each.number === number) ?? null;
  const facts = gatherFacts("connect.sid", entry, {
    entries,
    list: { cookies: [], hosts: ["localhost"], denied: [] },
    pageUrl: "http://localhost:8000/",
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map(),
    now: AT,
  });
  return explain(facts)
    .map(({ sentence }) => sentence)
    .join("\n");
}

describe("a lost update", () => {
  it("names the request whose change was lost, in the row of the one that stored last", () => {
    expect(told(8)).toContain("POST /cart, 7 wrote “cart” while this request ran");
  });

  it("names the request that overwrote the change, in the row of the one whose change is lost", () => {
    expect(told(7)).toContain("What this request wrote to “cart” is lost: POST /cart, 8 overlapped it");
  });

  it("counts the keys, and names no request, if the other may be another client's", () => {
    expect(told(10)).toContain("another request wrote 2 keys while this request ran");
  });

  it("is not reported in other rows", () => {
    expect(told(9)).not.toContain("lost");
  });
});
