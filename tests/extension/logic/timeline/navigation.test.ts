/** Which requests belong to a page. */
import { describe, expect, it } from "vitest";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import { startOfPage } from "../../../../extension/logic/timeline/navigation.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

function pages(...documents: [at: number, url: string, status: number][]) {
  const ledger = createLedger();
  for (const [at, url, status] of documents) ledger.request(fillRequest({ id: `r${at}`, at, url, status }));
  return ledger.list();
}

describe("startOfPage", () => {
  it("starts a page at its document", () => {
    expect(startOfPage(pages([1, "http://h/a", 200], [5, "http://h/b", 200]), "http://h/b#x")).toBe(5);
  });

  it("includes the redirects that led to it, and a login form's POST", () => {
    const list = pages(
      [1, "http://h/", 200],
      [5, "http://h/login", 302],
      [6, "http://h/next", 307],
      [7, "http://h/", 200],
    );
    expect(startOfPage(list, "http://h/")).toBe(5);
  });

  it("does not mistake an unchanged document for a redirect", () => {
    expect(startOfPage(pages([1, "http://h/a", 304], [5, "http://h/b", 200]), "http://h/b")).toBe(5);
  });

  it("says nothing about a page whose document was not seen", () => {
    expect(startOfPage(pages([1, "http://h/a", 200]), "http://h/z")).toBeNull();
  });
});
