/** Pinned keys as columns. */
import { describe, expect, it } from "vitest";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { pinnedCells } from "../../../../extension/logic/timeline/pins.ts";
import { sideOf } from "../../../panel/memory-ports/calls.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

const KEYS = ["user_id", "name"];

describe("pinned keys", () => {
  it("carry the last known value on to requests that did not touch the session, with its source", () => {
    const server = createMemoryServer(() => 0);
    const ledger = createLedger();
    const after = sideOf("k", { dataJson: '{"user_id":123456789012345678901}', version: 1, expiresAt: null });
    const trace = server.trace({ after });
    ledger.request(fillRequest({ id: "before", at: 1 }));
    ledger.request(
      fillRequest({ id: "login", at: 2, url: "http://localhost/login", method: "POST", traceId: trace.id }),
    );
    ledger.trace(trace, 2, 0);
    ledger.request(fillRequest({ id: "image", at: 3 }));
    const cells = pinnedCells(ledger.list(), KEYS);
    const cellsOf = (id: string) => {
      const entry = ledger.find(id);
      return entry && cells.of(entry);
    };
    expect(cellsOf("before")).toBeUndefined();
    expect(cellsOf("login")).toEqual([
      { text: "123456789012345678901", carriedFrom: null },
      { text: null, carriedFrom: null },
    ]);
    expect(cellsOf("image")?.[0]).toEqual({
      text: "123456789012345678901",
      carriedFrom: { id: "login", label: "POST /login, 2" },
    });
  });

  it("show what stands next to a number that only Python writes, and that number", () => {
    const server = createMemoryServer(() => 0);
    const ledger = createLedger();
    const after = sideOf("k", { dataJson: '{"user_id":123,"name":NaN}', version: 1, expiresAt: null });
    const trace = server.trace({ after });
    ledger.request(fillRequest({ id: "login", at: 1, traceId: trace.id }));
    ledger.trace(trace, 1, 0);
    const entry = ledger.find("login");
    expect(
      entry &&
        pinnedCells(ledger.list(), KEYS)
          .of(entry)
          ?.map(({ text }) => text),
    ).toEqual(["123", "NaN"]);
  });
});
