/** An incomplete trace: what it leaves out, and what later requests still learn from it. */
import { expect, it } from "vitest";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { buildTrace } from "../../../server-bridge/src/bridge/traces/build-trace.ts";
import type { Capture } from "../../../server-bridge/src/bridge/traces/capture.ts";
import type { ObservedEnd, ObservedOperation } from "../../../server-bridge/src/core/observers/observer.ts";

const stored = (json: string) => ({ key: "key", json, stored: json, expiresAtMs: null });
const cookie = {
  name: "session",
  action: "set",
  maxAge: null,
  expiresAtMs: null,
  path: "/",
  domain: null,
  secure: false,
  httpOnly: true,
  sameSite: null,
} as const;

function build(name: ObservedOperation, end: Partial<ObservedEnd>) {
  const capture: Capture = {
    loaded: stored('{"n":1}'),
    loadedAtMs: 0,
    operations: [{ name, durationMs: 1 }],
    others: new Set(),
    writers: new Map(),
    end: {
      status: 200,
      accessed: true,
      modified: true,
      after: null,
      unsaved: null,
      cookie: null,
      conflictKeys: [],
      ...end,
    },
    seen: "cookie",
    lateKeys: new Set(),
  };
  const part = { id: "t", at: 0, method: "POST", path: "/", status: 200, durationMs: 1, endedAtMs: 1 };
  const context = { process: "p", digests: createDigests(undefined), now: () => 0, recent: [] };
  return buildTrace(part, "request", capture, context);
}

it("does not use the request's cookie for the response's if that could not be opened", () => {
  const { trace } = build("save", { cookie, incomplete: "unopened" });
  expect([trace.before?.dataJson, trace.after]).toEqual(['{"n":1}', null]);
});

it("has no findings, because each says that something did not happen", () => {
  const after = stored('{"n":1,"user_id":7}');
  expect(build("save", { after }).trace.findings.map(({ code }) => code)).toContain("login-without-new-key");
  expect(build("save", { after, incomplete: "contexts" }).trace.findings).toEqual([]);
});

it("still tells later requests that the session was flushed", () => {
  expect(build("flush", { incomplete: "contexts" }).recent?.gone).toBe(true);
  expect(build("save", { incomplete: "contexts" }).recent).toBeNull();
});
