/** An edit by a panel in the log comes after the requests that ended before it, whose traces still wait to be built. */
import { memoryLog } from "session-bridge/bridge";
import { expect, it } from "vitest";
import { createDigests } from "../../../server-bridge/src/bridge/redaction/digests.ts";
import { createRecorder } from "../../../server-bridge/src/bridge/traces/recorder.ts";

it("comes after a request that ended just before it", async () => {
  let tick = 0;
  const now = () => {
    tick += 1;
    return tick;
  };
  const log = memoryLog({ id: "log", clock: () => 0 });
  const recorder = createRecorder({
    log,
    digests: createDigests(undefined),
    process: "p",
    clock: () => 0,
    now,
    newId: () => String(now()).padStart(22, "0"),
    failed: (error) => {
      throw error;
    },
  });
  const view = { key: "key", json: "{}", stored: "{}", expiresAtMs: null };
  const observation = recorder.observer.opened({ method: "GET", path: "/set", identity: {} });
  observation?.loaded(view);
  observation?.operation("save", 1);
  const facts = {
    status: 200,
    accessed: true,
    modified: true,
    unsaved: null,
    cookie: null,
    conflictKeys: [],
  };
  observation?.ended({ ...facts, after: view });
  const before = { ...view, atBrowserClose: false, ageSeconds: 60 };
  recorder.write({ path: "/edit", operation: "save", durationMs: 1, before, after: before });
  const { entries } = await log.read(0);
  expect(entries.map(({ trace }) => trace.request.path)).toEqual(["/set", "/edit"]);
});
