/**
 * The attacker has a frame in the victim's page, from another port of the same host: the browser sends it the victim's cookie. It has a
 * bridge with the same cookie name, and knows ids of the page's traces. It reports flushes and edits "by this
 * panel" and of changes by the page's own requests, and wants its session and its reports to be shown as the victim's.
 */
import { expect } from "@playwright/test";
import { readCall, TRACE_HEADER, type Trace } from "../../../server-bridge/src/protocol/index.ts";
import { expectContents, expectRows, readContents, readRows } from "../../e2e/panel.ts";
import { answerAsBridge, startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { addFrame, htmlPage } from "../elsewhere.ts";
import { expectSoon, expectUnchanged, openVictim, visitAgain } from "../victim.ts";

export const saysWhatThePanelDid: Scenario = {
  name: "a frame's bridge reports edits by this panel and requests of the page, and every such row shows its origin",
  async run(stage) {
    const victim = await openVictim(stage);
    await visitAgain(victim);
    const id = await victim.page.evaluate(
      async (header) => /id=([\w-]{22})/.exec((await fetch("/app")).headers.get(header) ?? "")?.[1] ?? "",
      TRACE_HEADER,
    );
    expect(id).toHaveLength(22);
    await expectRows(victim.panel, /GET \/app 200 .*~visits/);
    let streams = 0;
    const frame = await startRecording(stage, (path, response) => {
      if (readCall(path) === "traces") {
        streams += 1;
        response.writeHead(200, { "content-type": "application/x-ndjson" });
        const told = [
          forged(id, "request"),
          forged("E".repeat(22), "panel"),
          forged("O".repeat(22), "request"),
        ];
        const open = { type: "open", process: "mallory", serverTime: Date.now(), newest: 3 };
        for (const event of [open, ...told.map((trace) => ({ type: "trace", trace }))]) {
          response.write(`${JSON.stringify(event)}\n`);
        }
        return;
      }
      const capabilities = ["prove", "read", "edit", "flush", "traces"] as const;
      if (answerAsBridge(path, response, { capabilities })) return;
      htmlPage(response, "<p>A frame", { [TRACE_HEADER]: `v=1;id=${id}` });
    });
    const origin = `http://localhost:${frame.port}`;
    await victim.page.evaluate(addFrame, { src: `${origin}/frame` });
    await expectSoon("the panel reads the frame's bridge", () => streams > 0);
    await expectSoon("the forged rows are there", async () =>
      (await readRows(victim.panel)).some((row) => /changed outside this tab.*mallory/.test(row)),
    );

    const rows = await readRows(victim.panel);
    const told = rows.filter((row) => /mallory|flushed/.test(row));
    expect(
      told.filter((row) => !row.includes(new URL(origin).host)), // the page has the same scheme
      "forged rows without their origin",
    ).toEqual([]);
    expect(rows.filter((row) => /GET \/app 200/.test(row)).join()).not.toMatch(/mallory|flushed/);
    await expectContents(victim.panel, new RegExp(`note: "${victim.canary}"`));
    await visitAgain(victim);
    expect((await readContents(victim.panel)).join()).not.toContain("mallory");
    await expectUnchanged(victim, stage.driver);
  },
};

/** What the frame's bridge claims. */
function forged(id: string, origin: Trace["origin"]): Trace {
  const dataJson = '{"mallory":true}';
  const side = { key: "mall…0ry0", keyId: "mallory", version: "1", expiresAt: null, truncated: false };
  return {
    id,
    sequence: 1,
    process: "mallory",
    at: Date.now(),
    origin,
    request: { method: "POST", path: "/mallory", status: 200, durationMs: 1 },
    touched: true,
    before: { ...side, dataJson: '{"a":1,"b":2}' },
    after: { ...side, dataJson },
    changes: [{ key: "mallory", kind: "added" }],
    newKey: false,
    flushedKeys: 2,
    operations: [],
    cookie: null,
    findings: [],
  };
}
