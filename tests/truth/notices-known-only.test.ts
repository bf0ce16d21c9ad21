/** Notices that would be false in more situations than their pair names. */
import { expect, it } from "vitest";
import { LIVE_NOTICES } from "../../extension/logic/notices/live-notices.ts";
import { firstNotice } from "../../extension/logic/notices/notice.ts";
import { CONTENTS_OF_ROW } from "../../extension/logic/notices/row-notices.ts";
import { traced } from "./facts.ts";

it.each([
  ["secret", "tampered"],
  ["name", "no-cookie"],
  ["store", "unknown"],
] as const)("a %s that differs is reported only if it hides the session", (of, hidden) => {
  const title = (reason: "no-cookie" | "unknown" | "tampered" | "unproven") =>
    firstNotice(LIVE_NOTICES, {
      bridge: {
        library: "Express",
        engine: "express",
        names: ["sid"],
        mismatch: { of, why: "They differ." },
      },
      unread: null,
      live: { state: "none", reason },
      withheld: null,
      name: "sid",
    })?.title;
  const named = (["no-cookie", "unknown", "tampered", "unproven"] as const).filter((reason) =>
    title(reason)?.includes(`The bridge's ${of === "name" ? "cookie name" : of} is not the app's`),
  );
  expect(named).toEqual([hidden]);
});

it("an incomplete row is not said to have had no session", () => {
  const entry = traced({ touched: true, before: null, after: null, incomplete: "contexts" });
  expect(firstNotice(CONTENTS_OF_ROW, { entry, hello: null })?.title).toBe(
    "Not everything that this request did is known",
  );
});

it.each([
  ["session-bridge", "signed_cookies", true],
  ["cookie-session", "cookie-session", false],
] as const)(
  "how the app treats a cookie that cannot be opened is said only for our own library: %s",
  (library, engine, isTold) => {
    const told = firstNotice(LIVE_NOTICES, {
      bridge: { library, engine, names: ["sid"], mismatch: null },
      unread: null,
      live: { state: "none", reason: "tampered" },
      withheld: null,
      name: "sid",
    });
    expect(told?.sentence.includes("will treat it as no session")).toBe(isTold);
  },
);
