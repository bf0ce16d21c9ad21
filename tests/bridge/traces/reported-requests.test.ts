/** Requests that other processes answered become traces as if this process had answered them. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import type { ReportedRequest, RequestReports, Source } from "session-bridge/bridge";
import {
  BRIDGE_PATH,
  CHALLENGE_HEADER,
  PROOF_HEADER,
  proofText,
  writeChallenge,
} from "session-bridge/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  type LoopbackServer,
  openLoopbackServer,
} from "../../../server-bridge/src/bridge/servers/loopback-server.ts";
import { EXTENSION_ORIGIN } from "../site.ts";
import { type Listener, listen } from "../stream.ts";

const MINE = "mine0mine0mine0mine0mine0mine0mi";
const OTHERS = "bobs0bobs0bobs0bobs0bobs0bobs0bo";
const PROCESS = "abcdefghijklmnopqrstuv";

let server: LoopbackServer;
let origin = "";
let told: RequestReports;
let ended: number;
const open: Listener[] = [];

beforeEach(async () => {
  ended = 0;
  const source: Source = {
    library: { name: "Django", version: "5.2" },
    engine: "cache",
    cookieNames: ["sessionid"],
    proof: { by: "row", keyOf: (cookie) => cookie, isStored: async (key) => key !== "" },
    capabilities: ["read", "traces"],
    read: async () => ({ found: false, reason: "unknown" }),
    receive(reports) {
      told = reports;
      return () => {
        ended += 1;
      };
    },
  };
  server = await openLoopbackServer(source, { log: () => {}, env: {} }, [0]);
  origin = `http://127.0.0.1:${server.port}`;
});
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await server.close();
});

async function follow(cookies: string[], ids: string[] = []): Promise<Listener> {
  const listener = await listen({ origin }, { cookies, ids });
  open.push(listener);
  await listener.next("open");
  return listener;
}

const stored = (key: string, json: string) => ({ key, json, stored: json, expiresAtMs: null });

function reported(
  more: Partial<ReportedRequest> & { after?: string | null; before?: string } = {},
): ReportedRequest {
  const { before = "{}", after = '{"a":1}', ...rest } = more;
  const now = performance.now();
  return {
    ...{ id: randomBytes(16).toString("base64url"), process: PROCESS, at: Date.now(), method: "POST" },
    ...{ path: "/", status: 200, durationMs: 5, loadedAtMs: now - 5, endedAtMs: now },
    loaded: stored(MINE, before),
    operations: [
      { name: "load", durationMs: 1 },
      { name: "save", durationMs: 1 },
    ],
    writers: new Map([["a", "mysite/views.py:23"]]),
    end: {
      ...{ status: 200, accessed: true, modified: true, unsaved: null, cookie: null, conflictKeys: [] },
      after: after === null ? null : stored(MINE, after),
    },
    ...rest,
  };
}

it("is proven to be this bridge's as soon as it is reported", async () => {
  const { id, ...rest } = reported();
  told.request({ id, ...rest });
  const nonce = randomBytes(16).toString("base64url");
  const digest = createHash("sha256").update(id).digest("base64url");
  const response = await fetch(`${origin}${BRIDGE_PATH}hello`, {
    method: "POST",
    headers: {
      ...{ origin: EXTENSION_ORIGIN, "content-type": "application/json", "sec-fetch-site": "none" },
      [CHALLENGE_HEADER]: writeChallenge({ digest, nonce }),
    },
    body: '{"protocol":1}',
  });
  const proof = createHmac("sha256", id).update(proofText(nonce)).digest("base64url");
  expect(response.headers.get(PROOF_HEADER)).toBe(proof);
});

it("has the site's process, its times, operations, and the code that wrote each key", async () => {
  const mine = await follow([MINE]);
  const one = reported({ path: "/cart/", durationMs: 12.345 });
  told.request(one);
  expect(await mine.trace("/cart/")).toMatchObject({
    ...{ id: one.id, process: PROCESS, at: one.at, origin: "request", touched: true, newKey: false },
    request: { method: "POST", status: 200, durationMs: 12.345 },
    operations: [{ name: "load" }, { name: "save" }],
    changes: [{ key: "a", kind: "added", writer: "mysite/views.py:23" }],
  });
});

it("lost an update of another process's request, whichever of both was reported first", async () => {
  const mine = await follow([MINE]);
  const now = performance.now();
  const first = reported({ path: "/first", after: '{"a":1}', loadedAtMs: now - 20, endedAtMs: now - 10 });
  const second = reported({ path: "/second", after: '{"b":1}', loadedAtMs: now - 19, endedAtMs: now - 1 });
  told.request(second);
  told.request(first);
  const findings = [{ code: "lost-update", keys: ["a"], traces: [first.id] }];
  expect(await mine.trace("/second")).toMatchObject({ findings });
});

it("comes again with the keys that were changed after its response", async () => {
  const mine = await follow([MINE]);
  const one = reported({ path: "/stream" });
  told.request(one);
  expect(await mine.trace("/stream")).toMatchObject({ findings: [] });
  told.late(one.id, ["a"]);
  expect(await mine.trace("/stream")).toMatchObject({ id: one.id, findings: [{ code: "late-change" }] });
  told.late(one.id, ["b"]);
  const last = await mine.trace("/stream");
  expect(last.findings).toEqual([{ code: "late-change", keys: ["a", "b"] }]);
});

it("that is not known any longer has no late changes", async () => {
  const mine = await follow([MINE]);
  told.late("x".repeat(22), ["a"]);
  told.request(reported({ path: "/next" }));
  await mine.trace("/next");
  expect(mine.events.filter(({ type }) => type === "trace")).toHaveLength(1);
});

it("of a long session is not kept for late changes when many follow", async () => {
  const mine = await follow([MINE]);
  const long = JSON.stringify({ a: "x".repeat(1_900_000) });
  const first = reported({ path: "/first" });
  told.request(first);
  for (let count = 0; count < 12; count += 1) told.request(reported({ before: long, after: long }));
  const last = reported({ path: "/last" });
  told.request(last);
  await mine.trace("/last");
  for (const { id } of [first, last]) told.late(id, ["a"]);
  expect(await mine.trace("/last")).toMatchObject({ findings: [{ code: "late-change" }] });
  const shown = mine.events.flatMap((event) => (event.type === "trace" ? [event.trace.id] : []));
  expect(shown.filter((id) => id === first.id)).toHaveLength(1);
});

it("that was dropped leaves a gap", async () => {
  const mine = await follow([MINE]);
  told.dropped(3);
  told.dropped(5_000);
  const { from, to } = await mine.next("gap");
  expect(to - from).toBe(5_003);
});

it("concerns the owners of its own session only: one that it deleted sees nothing of it (T27)", async () => {
  const [mine, bobs] = [await follow([MINE]), await follow([OTHERS])];
  const load = { name: "load" as const, durationMs: 1 };
  told.request(
    reported({ path: "/admin", operations: [load, { name: "delete", durationMs: 1, key: OTHERS }] }),
  );
  told.request(reported({ path: "/later", loadedAtMs: performance.now() - 100 }));
  expect(await mine.trace("/admin")).toMatchObject({
    operations: [{ name: "load" }, { name: "delete", reason: "another session bobs…s0bo" }],
    after: { dataJson: '{"a":1}' },
  });
  // not "resurrected": what was deleted was another session
  expect(await mine.trace("/later")).toMatchObject({ findings: [] });
  const end = { ...reported().end, after: stored(OTHERS, '{"b":1}') };
  told.request(reported({ path: "/bobs", loaded: stored(OTHERS, "{}"), end }));
  await bobs.trace("/bobs");
  expect(JSON.stringify(bobs.events)).not.toContain("/admin");
});

it("after which nothing is stored has no session after it, though nothing was removed by it", async () => {
  const mine = await follow([MINE]);
  const operations = [
    { name: "not-saved" as const, durationMs: 0, reason: "the session was deleted meanwhile" },
  ];
  told.request(reported({ path: "/gone", operations, after: null }));
  expect(await mine.trace("/gone")).toMatchObject({ before: { key: "mine…e0mi" }, after: null });
});

it("without a session is shown to those who have its id, and belongs to no one", async () => {
  const { loaded: _, ...rest } = reported({ path: "/logo.png", operations: [], loadedAtMs: null });
  const end = { ...rest.end, accessed: false, modified: false, after: null };
  const listener = await follow([MINE], [rest.id]);
  told.request({ ...rest, end });
  expect(await listener.trace("/logo.png")).toMatchObject({ touched: false, before: null, process: PROCESS });
});

it("is no longer taken when the bridge is closed", async () => {
  expect(ended).toBe(0);
  await server.close();
  expect(ended).toBe(1);
});
