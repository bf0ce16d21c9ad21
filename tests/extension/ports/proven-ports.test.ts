/** How long a port that has proven itself is trusted, and when it is left for another (T43). */
import { describe, expect, it } from "vitest";
import {
  type Answer,
  expectNothingGiven,
  HELLO,
  honest,
  open,
  PAGE,
  POSSESSION,
  sendJson,
  TRACE,
} from "./named-port-servers.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

describe("a port that has proven itself", () => {
  const silent: Answer = (_, response) => sendJson(response, 200, HELLO); // no proof
  const request = { protocol: 1, cookies: ["httponly-value"], ids: [], since: null, process: null };

  it("receives nothing after a hello that it could not prove, until it can again", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    setAnswer(silent);
    expect(await hello()).toMatchObject({ problem: { kind: "unproven" } });
    heard.length = 0;
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ problem: { kind: "unproven" } });
    const stream = bridge.traces(PAGE, request, new AbortController().signal)[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toMatchObject({ kind: "unproven" });
    expectNothingGiven(heard);
    setAnswer(honest());
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: true });
  });

  it("proves itself again after some seconds without a stream: another program may have taken the port", async () => {
    const { heard, bridge, hello, port, setAnswer, clock } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    clock.now = 2_000;
    await bridge.call(PAGE, "session", POSSESSION);
    expect(heard.map(({ path }) => path)).toEqual(["hello", "session"]);
    setAnswer(silent);
    clock.now = 4_000;
    heard.length = 0;
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ problem: { kind: "unproven" } });
    expectNothingGiven(heard);
  });

  it("proves itself again after the stream from it has ended", async () => {
    const lines: Answer = (heard, response) => {
      if (heard.path !== "traces") return honest()(heard, response);
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.end(`${JSON.stringify({ type: "beat", serverTime: 1 })}\n`);
    };
    const { heard, bridge, hello, port, setAnswer } = await open(lines);
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    const stream = bridge.traces(PAGE, request, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await stream.next()).value).toMatchObject({ type: "beat" });
    for (let count = 0; count < 2; count += 1) await bridge.call(PAGE, "session", POSSESSION);
    expect(heard.map(({ path }) => path)).toEqual(["hello", "traces", "session", "session"]);
    expect((await stream.next()).done).toBe(true);
    setAnswer(silent);
    heard.length = 0;
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: false });
    expectNothingGiven(heard);
  });

  it("is not believed if it proves itself, asks for the token, and then answers without a proof", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest([TRACE], TOKEN));
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    expect(await hello()).toMatchObject({ problem: { refusal: { code: "token-missing" } } });
    await bridge.useToken?.(PAGE, TOKEN);
    setAnswer((one, response) => {
      if (one.token === undefined) honest([TRACE], TOKEN)(one, response);
      else silent(one, response);
    });
    expect(await hello()).toMatchObject({ problem: { kind: "unproven" } });
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ problem: { kind: "unproven" } });
    expect(new Set(heard.map(({ path }) => path))).toEqual(new Set(["hello"]));
    setAnswer(honest([TRACE], TOKEN));
    expect(await hello()).toMatchObject({ ok: true });
  });

  it("is believed again after a restart, by the next trace that it makes", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest([TRACE]));
    const next = "E".repeat(22);
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    setAnswer(honest([next]));
    expect(await hello()).toMatchObject({ problem: { kind: "unproven" } });
    expectNothingGiven(heard);
    bridge.marked?.(PAGE, next, `;at=${port}`);
    expect(await hello()).toMatchObject({ ok: true });
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: true });
  });

  it("needs no other hello when the panel ends its stream and opens it again", async () => {
    const held: Answer = (heard, response) => {
      if (heard.path !== "traces") return honest()(heard, response);
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.write(`${JSON.stringify({ type: "beat", serverTime: 1 })}\n`);
    };
    const { heard, bridge, hello, port } = await open(held);
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    for (let count = 0; count < 2; count += 1) {
      const ended = new AbortController();
      const stream = bridge.traces(PAGE, request, ended.signal)[Symbol.asyncIterator]();
      await stream.next();
      ended.abort();
      await stream.return?.();
    }
    expect(heard.map(({ path }) => path)).toEqual(["hello", "traces", "traces"]);
  });

  it("stays the page's bridge after a restart, when a later response names another port", async () => {
    const { heard, bridge, hello, port, setAnswer, clock } = await open(honest([TRACE]));
    const next = "E".repeat(22);
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    setAnswer(honest([next]));
    bridge.marked?.(PAGE, next, `;at=${port}`);
    await hello();
    bridge.marked?.(PAGE, "C".repeat(22), ";at=9");
    expect(await hello()).toMatchObject({ ok: true });
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: true });
    setAnswer(silent);
    clock.now = 10_000;
    heard.length = 0;
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ problem: { kind: "unproven" } });
    expectNothingGiven(heard);
  });

  it("stays the page's bridge when a response names another port, as long as it answers", async () => {
    const { heard, bridge, hello, port, setAnswer } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    bridge.marked?.(PAGE, "C".repeat(22), ";at=9");
    expect(await bridge.call(PAGE, "session", POSSESSION)).toMatchObject({ ok: true });
    expect(await hello()).toMatchObject({ ok: true });
    expect(bridge.placeOf?.(PAGE)).toBe(`http://localhost:${port}`);
    expect(heard.every(({ host }) => host === `localhost:${port}`)).toBe(true);
    setAnswer(silent);
    expect(await hello()).toMatchObject({ problem: { kind: "unproven" } });
  });

  it("is left for the port that a later response names, once it no longer answers as itself", async () => {
    const first = await open(honest());
    const { bridge, hello, port, setAnswer, heard } = first;
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    await hello();
    bridge.marked?.(PAGE, "D".repeat(22), ";at=9");
    setAnswer(silent);
    const asked = first.asked.length;
    expect(await hello()).toMatchObject({ ok: false });
    expect(first.asked.slice(asked)).toEqual([`http://localhost:${port}`, "http://localhost:9"]);
    expectNothingGiven(heard);
  });

  it("is not kept for a page that was left while it was greeted", async () => {
    const { bridge, hello, port, setAnswer, heard } = await open(honest());
    bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    setAnswer((one, response) => {
      bridge.pageIs?.("http://localhost:4000");
      honest()(one, response);
    });
    await hello();
    heard.length = 0;
    await bridge.call(PAGE, "session", POSSESSION);
    expect(heard).toEqual([]);
  });

  it.each([
    ["the page's own address is", 1],
    ["the ports of session-bridge django are", 5],
  ])("is found if its trace is seen while %s called", async (_, calls) => {
    const { during, bridge, hello, port } = await open(honest());
    during.ask = (count) => {
      if (count === calls) bridge.marked?.(PAGE, TRACE, `;at=${port}`);
    };
    expect(await hello()).toMatchObject({ ok: true });
  });
});
