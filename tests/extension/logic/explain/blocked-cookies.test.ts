/** Session cookies that the cookie list shows as refused: only for hosts in the list, and judged by the page that was open then. */
import { describe, expect, it } from "vitest";
import { blockedCookies } from "../../../../extension/logic/explain/blocked-cookies.ts";
import { createLedger } from "../../../../extension/logic/timeline/ledger.ts";
import type { NetworkRequest } from "../../../../extension/messages/network-request.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

const PAGE = "http://127.0.0.1:3000";

/** The refused among these responses, in a tab that first showed `PAGE` and now shows pages of `hosts`. */
function find(hosts: string[], denied: string[], ...requests: Partial<NetworkRequest>[]): string[] {
  const ledger = createLedger();
  ledger.page(PAGE, 0, true);
  requests.forEach((request, at) => {
    ledger.request(fillRequest({ id: `r${at}`, at: at + 1, type: "fetch", ...request }));
  });
  const list = { cookies: [], hosts, denied };
  const names = new Set(["sessionid"]);
  return blockedCookies({ entries: ledger.list(), list, names, now: 1000 }).map(({ problem }) => problem);
}

const OWN = { url: `${PAGE}/login`, setCookies: ["sessionid=a; SameSite=Lax"] };
const OTHER = { url: "http://localhost:3000/login", setCookies: ["sessionid=a; SameSite=Lax"] };
const INSECURE = { url: "http://shop.example/login", setCookies: ["sessionid=a; Secure"] };

describe("a refused cookie", () => {
  it("is judged by the page that the tab showed then, not by the current one", () => {
    expect(find(["127.0.0.1", "localhost"], [], OWN)).toEqual([]);
    expect(find(["127.0.0.1", "localhost"], [], OTHER)).toEqual([
      "The browser refused sessionid: localhost is another site than 127.0.0.1, and the cookie is SameSite=Lax.",
    ]);
  });

  it("is not reported for a host without cookies in the list", () => {
    expect(find(["shop.example"], [], INSECURE)).toHaveLength(1);
    expect(find(["localhost"], [], INSECURE)).toEqual([]);
    expect(find(["shop.example"], ["http://shop.example"], INSECURE)).toEqual([]);
  });

  it("is reported for a listed host also after a response from an unlisted one", () => {
    const far = { ...INSECURE, url: "http://far.example/" };
    expect(find(["shop.example"], [], INSECURE, far)).toHaveLength(1);
  });
});
