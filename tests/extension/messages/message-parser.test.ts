/** What the message parsers accept and refuse, and what a refusal says. */
import { describe, expect, it } from "vitest";
import { parseQuestion } from "../../../extension/messages/background-messages.ts";
import { parseRecorderMessage } from "../../../extension/messages/recorder-messages.ts";
import { parseBatch } from "../../../extension/messages/sighting.ts";
import { parseCookies, parseWriteResult } from "../../../extension/messages/tab-cookie.ts";
import { fillCookie, fillRequest } from "../../panel/memory-ports/world.ts";

describe("a message between our pages", () => {
  it("has null for fields that JSON dropped", () => {
    const { traceId, error, ...known } = fillRequest({ id: "r1", at: 1 });
    expect(parseRecorderMessage({ say: "requests", requests: [known] })).toEqual({
      say: "requests",
      requests: [{ ...known, traceId: null, error: null }],
    });
  });

  it("is accepted without the fields that this version does not know", () => {
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
  it("has only those partition fields that the browser returned", () => {
    const partitionKey = { topLevelSite: "https://app.test", hasCrossSiteAncestor: null };
    expect(parseCookies([{ ...fillCookie(), partitionKey }])).toEqual([
      fillCookie({ partitionKey: { topLevelSite: "https://app.test" } }),
    ]);
  });

  it("that was not written has the reason, even if other fields are missing", () => {
    expect(parseWriteResult({ reason: "It is too long." })).toEqual({
      ok: false,
      reason: "It is too long.",
      restored: false,
    });
  });
});
