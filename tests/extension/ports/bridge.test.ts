/** The panel's requests to a bridge: how each is sent, and how each response is handled. */

import type { StreamEvent } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { createBridge } from "../../../extension/ports/bridge.ts";
import { createTokenStore } from "../../../extension/ports/tokens.ts";

const ORIGIN = "http://localhost:8000";
const hello = {
  protocol: 1,
  library: { name: "session-bridge", version: "0.1.0" },
  engine: "database",
  cookieNames: ["sessionid"],
  capabilities: ["read"],
  serverTime: 1,
  process: "p1",
};
const json = { "Content-Type": "application/json" };
const ndjson = { "Content-Type": "application/x-ndjson" };

function open(reply: (init: RequestInit) => Response | Promise<Response>, access = true) {
  const sent: { url: string; init: RequestInit }[] = [];
  const stored = new Map<string, unknown>();
  const bridge = createBridge({
    async fetch(url, init) {
      sent.push({ url, init });
      return reply(init);
    },
    hasAccess: async () => access,
    tokens: createTokenStore({
      get: async (key) => (stored.has(key) ? { [key]: stored.get(key) } : {}),
      set: async (items) => {
        for (const [key, value] of Object.entries(items)) stored.set(key, value);
      },
      remove: async (key) => void stored.delete(key),
    }),
    timeout: () => new AbortController().signal,
  });
  return { bridge, sent };
}

const sayHello = ({ bridge }: ReturnType<typeof open>) => bridge.call(ORIGIN, "hello", { protocol: 1 });

describe("a call", () => {
  it.each([200, 500])("aborts an endless response of status %i", async (status) => {
    let given = 0;
    let isOver = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 1;
        controller.enqueue(new Uint8Array(16 * 1024).fill(32));
      },
      cancel() {
        isOver = true;
      },
    });
    const opened = open(() => new Response(endless, { status, headers: json }));
    expect(await sayHello(opened)).toMatchObject({ ok: false });
    expect(isOver).toBe(true);
    expect(given).toBeLessThan(10);
  });

  it("is a POST of JSON that carries no cookie, stores none, and uses no cache", async () => {
    const opened = open(() => Response.json(hello));
    expect(await sayHello(opened)).toEqual({ ok: true, answer: hello });
    expect(opened.sent).toMatchObject([
      {
        url: `${ORIGIN}/__sessions/v1/hello`,
        init: {
          method: "POST",
          body: '{"protocol":1}',
          headers: { "Content-Type": "application/json" },
          credentials: "omit",
          cache: "no-store",
          redirect: "manual",
          referrerPolicy: "no-referrer",
        },
      },
    ]);
  });

  it("is not made at all without access to the host", async () => {
    const opened = open(() => Response.json(hello), false);
    expect(await sayHello(opened)).toEqual({ ok: false, problem: { kind: "no-access", origin: ORIGIN } });
    expect(opened.sent).toEqual([]);
  });

  it("carries a token to the origin it was given for, and to no other", async () => {
    const opened = open(() => Response.json(hello));
    await opened.bridge.useToken?.(ORIGIN, "t0ken");
    await sayHello(opened);
    await opened.bridge.call("http://localhost:9000", "hello", { protocol: 1 });
    await opened.bridge.useToken?.(ORIGIN, null);
    await sayHello(opened);
    const tokens = opened.sent.map(({ init }) => new Headers(init.headers).get("Session-Bridge-Token"));
    expect(tokens).toEqual(["t0ken", null, null]);
    expect(opened.sent.map(({ url }) => url).join()).not.toContain("t0ken");
  });

  const refusal = { code: "token-missing", message: "A token is needed.", protocol: 1 };
  it.each([
    ["the app's own 404", () => new Response("not found", { status: 404 }), { kind: "absent", status: 404 }],
    [
      "the app's own page",
      () => new Response("<html>", { headers: { "Content-Type": "text/html" } }),
      { kind: "absent", status: 200 },
    ],
    [
      "JSON of the app's own",
      () => Response.json({ error: "no" }, { status: 403 }),
      { kind: "absent", status: 403 },
    ],
    ["a refusal", () => Response.json(refusal, { status: 403 }), { kind: "refused", status: 403, refusal }],
    [
      "a redirect to a login page",
      () => new Response(null, { status: 302, headers: { Location: "/login" } }),
      { kind: "absent", status: 302 },
    ],
    [
      "an answer of another shape",
      () => Response.json({ ...hello, protocol: "1" }),
      { kind: "malformed", detail: expect.stringContaining("protocol") },
    ],
    [
      "half an answer",
      () => new Response("{", { headers: json }),
      { kind: "malformed", detail: expect.any(String) },
    ],
    [
      "no answer",
      () => Promise.reject(new TypeError("Failed to fetch")),
      { kind: "unreachable", detail: "Failed to fetch" },
    ],
  ])("that gets %s says so", async (_, reply, problem) => {
    expect(await sayHello(open(reply))).toEqual({ ok: false, problem });
  });

  it("that gets a response that is not JSON says so without quoting it", async () => {
    const answer = await sayHello(open(() => new Response("hunter2 is no JSON", { headers: json })));
    expect(answer).toMatchObject({ ok: false, problem: { kind: "malformed" } });
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });
});

describe("the stream", () => {
  const beat = (serverTime: number): StreamEvent => ({ type: "beat", serverTime });
  const request = { protocol: 1, cookies: [], ids: [], since: null, process: null };

  /** A stream whose bytes arrive in these pieces; `end` says how it ends. */
  function stream(pieces: Uint8Array[], end: "close" | "error" | "stay open" = "close") {
    return new Response(
      new ReadableStream({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece);
          if (end === "close") controller.close();
          if (end === "error") controller.error(new TypeError("network error"));
        },
      }),
      { headers: ndjson },
    );
  }

  async function read(reply: () => Response, signal = new AbortController().signal) {
    const events: StreamEvent[] = [];
    for await (const event of open(reply).bridge.traces(ORIGIN, request, signal)) events.push(event);
    return events;
  }

  const encode = (text: string) => new TextEncoder().encode(text);
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;

  it("returns one event per line, in whatever pieces the bytes arrive", async () => {
    const bytes = encode(line(beat(1)) + line({ type: "bye", reason: "fällt aus" }) + line(beat(2)));
    for (const size of [1, 2, 3, 7, 40, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.slice(at * size, (at + 1) * size),
      );
      expect(await read(() => stream(pieces))).toEqual([
        beat(1),
        { type: "bye", reason: "fällt aus" },
        beat(2),
      ]);
    }
  });

  it("skips kinds of events that only a newer panel knows, and empty lines", async () => {
    const text = `\n${line({ type: "weather", sun: true })}\n\n${line(beat(1))}`;
    expect(await read(() => stream([encode(text)]))).toEqual([beat(1)]);
  });

  it("ends without an error when the panel ends it", async () => {
    const controller = new AbortController();
    const opened = open((init) => {
      const response = stream([encode(line(beat(1)))], "stay open");
      init.signal?.addEventListener("abort", () => void response.body?.cancel().catch(() => {}));
      return response;
    });
    const events: StreamEvent[] = [];
    const traces = opened.bridge.traces(ORIGIN, request, controller.signal);
    for await (const event of traces) {
      events.push(event);
      break;
    }
    expect(events).toEqual([beat(1)]);
  });

  it.each([
    ["the connection breaks", () => stream([encode(line(beat(1)))], "error"), { kind: "unreachable" }],
    ["a line is no JSON", () => stream([encode("{oops\n")]), { kind: "malformed" }],
    ["a line is of another shape", () => stream([encode(line({ type: "beat" }))]), { kind: "malformed" }],
    ["a line never ends", () => stream([encode("x".repeat(1_100_000))]), { kind: "malformed" }],
    ["the app answers with its own page", () => new Response("<html>"), { kind: "absent", status: 200 }],
    [
      "the server refuses",
      () => Response.json({ code: "too-many-streams", message: "m", protocol: 1 }, { status: 429 }),
      { kind: "refused", status: 429 },
    ],
  ])("throws a problem when %s", async (_, reply, problem) => {
    await expect(read(reply)).rejects.toMatchObject(problem);
  });
});
