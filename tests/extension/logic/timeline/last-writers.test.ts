/** Who wrote each key last, and in which request. */
import { describe, expect, it } from "vitest";
import { writersOf } from "../../../../extension/logic/timeline/last-writers.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

function story() {
  const server = createMemoryServer(() => 0);
  const ledger = createLedger();
  const write = (id: string, at: number, writer?: string) => {
    const trace = server.trace({ changes: [{ key: "cart", kind: "changed", ...(writer && { writer }) }] });
    const url = `http://localhost/${id}`;
    ledger.request(fillRequest({ id, at, url, method: "POST", traceId: trace.id }));
    ledger.trace(trace, at, 0);
  };
  return {
    ledger,
    write,
    of: (until: string | null) => {
      const entry = until === null ? null : (ledger.find(until) ?? null);
      return writersOf(ledger.list(), entry, ["cart", "user_id"]).get("cart");
    },
  };
}

describe("the writer of a key", () => {
  it("is the line that wrote it last, with its request", () => {
    const { write, of } = story();
    write("login", 1, "src/login.ts:41");
    write("cart", 2, "src/cart.ts:7");
    expect(of(null)).toEqual({ line: "src/cart.ts:7", request: "POST /cart, 2" });
  });

  it("is that at the time of the selected request", () => {
    const { write, of } = story();
    write("login", 1, "src/login.ts:41");
    write("cart", 2, "src/cart.ts:7");
    expect(of("login")).toEqual({ line: "src/login.ts:41", request: "POST /login, 1" });
  });

  it("is unknown when the last write was not sampled", () => {
    const { write, of } = story();
    write("login", 1, "src/login.ts:41");
    write("cart", 2);
    expect(of(null)).toBeUndefined();
  });
});
