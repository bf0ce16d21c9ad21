/** The origins of the inspected tab's frames and session servers, found from its requests. */
import { describe, expect, it } from "vitest";
import type { Sighting } from "../../../extension/messages/sighting.ts";
import { createFrameOrigins } from "../../../extension/recorder/frame-origins.ts";

function open() {
  let changes = 0;
  const sites = createFrameOrigins(() => {
    changes += 1;
  });
  const see = (at: number, type: string, url: string, more: Partial<Sighting> = {}) =>
    sites.see({
      requestId: `${at}`,
      phase: "started",
      at,
      method: "GET",
      url,
      type,
      status: null,
      sentCookies: null,
      setCookies: null,
      traceId: null,
      fromCache: false,
      error: null,
      ...more,
    });
  return { sites, see, changes: () => changes };
}

describe("the sites of a tab", () => {
  it("are its page's and its frames', each origin once", () => {
    const { sites, see, changes } = open();
    see(1, "main_frame", "http://app.test:3000/a");
    see(2, "sub_frame", "https://embed.test/x");
    see(3, "sub_frame", "https://embed.test/y");
    see(4, "image", "https://cdn.test/i.png");
    expect(sites.urls()).toEqual(["http://app.test:3000/", "https://embed.test/"]);
    expect(changes()).toBe(2);
  });

  it("include a server on another port whose response named a trace", () => {
    const { sites, see } = open();
    see(1, "main_frame", "http://localhost:5173/");
    see(2, "xmlhttprequest", "http://localhost:3000/api", { phase: "received", traceId: "A".repeat(22) });
    expect(sites.urls()).toEqual(["http://localhost:5173/", "http://localhost:3000/"]);
  });

  it.each(["word of the navigation first", "request first"])(
    "are those of the page it went to (%s)",
    (order) => {
      const { sites, see } = open();
      see(1, "main_frame", "http://app.test/");
      see(2, "sub_frame", "https://embed.test/");
      if (order !== "request first") sites.navigated();
      see(10, "main_frame", "http://shop.test/");
      see(11, "sub_frame", "https://pay.test/");
      see(12, "main_frame", "http://shop.test/", { phase: "completed" });
      if (order === "request first") sites.navigated();
      expect(sites.urls()).toEqual(["http://shop.test/", "https://pay.test/"]);
    },
  );

  it("are complete if the page's load was recorded, in any order of reports", () => {
    for (const order of ["start, navigation, end", "navigation, start, end", "start, end, navigation"]) {
      const { sites, see } = open();
      expect(sites.isWhole()).toBe(false);
      for (const step of order.split(", ")) {
        if (step === "navigation") sites.navigated();
        else see(1, "main_frame", "http://app.test/", { phase: step === "start" ? "started" : "completed" });
      }
      expect(sites.isWhole(), order).toBe(true);
    }
  });

  it("may be incomplete if the page was open before, or came back without a load", () => {
    const { sites, see } = open();
    see(1, "main_frame", "http://app.test/", { phase: "completed" }); // it began before DevTools was open
    expect(sites.isWhole()).toBe(false);
    see(2, "main_frame", "http://app.test/");
    sites.navigated();
    see(3, "main_frame", "http://app.test/", { phase: "completed" });
    sites.navigated(); // back, from the back-forward cache
    expect(sites.isWhole()).toBe(false);
  });

  it("are bounded", () => {
    const { sites, see } = open();
    for (let count = 0; count < 500; count++) see(count, "sub_frame", `https://f${count}.test/`);
    expect(sites.urls()).toHaveLength(100);
  });
});
