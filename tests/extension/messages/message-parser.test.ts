/** What the parsers of messages take and refuse, and what a refusal says. */
import { describe, expect, it } from "vitest";
import { parseQuestion } from "../../../extension/messages/background-messages.ts";
import { parseRecorderMessage } from "../../../extension/messages/recorder-messages.ts";
import { parseBatch } from "../../../extension/messages/sighting.ts";
import { parseCookies, parseWriteResult } from "../../../extension/messages/tab-cookie.ts";
import { fillCookie, fillRequest } from "../../panel/memory-ports/world.ts";

describe("a message between our pages", () => {
  it("has null for what JSON dropped on the way", () => {
    const { traceId, error, ...known } = fillRequest({ id: "r1", at: 1 });
    expect(parseRecorderMessage({ say: "requests", requests: [known] })).toEqual({
      say: "requests",
      requests: [{ ...known, traceId: null, error: null }],
    });
  });

  it("is taken without the fields that this version does not know", () => {
    expect(parseQuestion({ ask: "watch", tabId: 1, since: 2 })).toEqual({ ask: "watch", tabId: 1 });
  });

  it("of another shape is refused with the place and the remedy, not with the value", () => {
    expect(() => parseQuestion({ ask: "remove-cookie", tabId: 1, cookie: { id: 5 } })).toThrow(
      "[extension] question.cookie.id: expected text. Reload the extension.",
    );
    expect(() => parseQuestion({ ask: "format-disk" })).toThrow(/question\.ask: expected one of watch, /);
    expect(() => parseBatch({})).toThrow("[extension] batch: expected a list.");
  });
});

describe("a cookie in a message", () => {
  it("has of its partition only what the browser gave", () => {
    const partitionKey = { topLevelSite: "https://app.test", hasCrossSiteAncestor: null };
    expect(parseCookies([{ ...fillCookie(), partitionKey }])).toEqual([
      fillCookie({ partitionKey: { topLevelSite: "https://app.test" } }),
    ]);
  });

  it("that was not written comes with the reason, whatever else is missing", () => {
    expect(parseWriteResult({ reason: "It is too long." })).toEqual({
      ok: false,
      reason: "It is too long.",
      restored: false,
    });
  });
});
