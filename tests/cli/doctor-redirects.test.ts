/** `session-bridge doctor` at a page that redirects: of several bridges' headers on the way, the last one counts. */
import { describe, expect, it } from "vitest";
import { describeState } from "../../server-bridge/src/protocol/bridge-states.ts";
import { type BridgeState, writeTraceHeader } from "../../server-bridge/src/protocol/trace-header.ts";
import { doctor, serve, serveSite } from "./doctor-run.ts";

const [FIRST, SECOND] = ["A".repeat(22), "B".repeat(22)];

describe("session-bridge doctor at a redirect on one origin", () => {
  it.each<[BridgeState, BridgeState]>([
    ["remote", "closed"],
    ["closed", "remote"],
  ])("says what the last header says: first %s, then %s", async (first, second) => {
    const marks = [
      writeTraceHeader({ id: FIRST, at: null, state: first }),
      writeTraceHeader({ id: SECOND, at: null, state: second }),
    ];
    const port = await serve(({ url }, response) => {
      const isFirst = url === "/";
      response.writeHead(isFirst ? 302 : 404, {
        ...(isFirst && { Location: "/home" }),
        "Session-Trace": marks[isFirst ? 0 : 1],
      });
      response.end();
    });
    const { out, code } = await doctor([`http://localhost:${port}`]);
    expect(code).toBe(1);
    expect(out).toContain(`! ${describeState(second).title}. `);
    expect(out).not.toContain(describeState(first).title);
  });

  it("asks no other port if only the first header names one", async () => {
    const calls: unknown[] = [];
    const other = await serve(({ url }, response) => {
      calls.push(url);
      response.end();
    });
    const mark = writeTraceHeader({ id: FIRST, at: { port: other, isTls: false }, state: null });
    const { port, server } = await serveSite();
    const passOn = server.listeners("request");
    server.removeAllListeners("request").on("request", (request, response) => {
      if (request.url === "/") response.writeHead(302, { Location: "/read", "Session-Trace": mark }).end();
      else for (const listener of passOn) listener(request, response);
    });
    const { out, code } = await doctor([`http://localhost:${port}`]);
    expect(out).toContain(`A bridge answers at http://localhost:${port}:`);
    expect(out).not.toContain(`port ${other}`);
    expect([calls, code]).toEqual([[], 0]);
  });
});
