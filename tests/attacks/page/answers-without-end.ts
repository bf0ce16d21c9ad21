/**
 * The attacker has a server on this machine, and the victim's page shows an image from it. The image names a trace, so the panel
 * calls that server's bridge; it responds with endless JSON, and wants the panel to run out of memory.
 */
import { expect } from "@playwright/test";
import { expectRows } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { showPicture, tracedPicture } from "../elsewhere.ts";
import { expectNothingGot, expectSoon, openVictim, visitAgain } from "../victim.ts";

/** Far more than any response of a bridge; a panel reads only a bounded part of one. */
const ENOUGH_BYTES = 200 * 1024 * 1024;
const PIECE = Buffer.alloc(1024 * 1024, "a");

export const answersWithoutEnd: Scenario = {
  name: "the panel aborts an endless response to `hello`, and continues",
  async run(stage) {
    const sent: number[] = [];
    let closed = 0;
    const other = await startRecording(stage, (path, response) => {
      if (!path.startsWith("/__sessions/")) return tracedPicture(response);
      const at = sent.push(0) - 1;
      response.on("close", () => {
        closed += 1;
      });
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"protocol":1,"library":{"name":"');
      const more = (): void => {
        while (!response.destroyed && (sent[at] ?? 0) < ENOUGH_BYTES) {
          sent[at] = (sent[at] ?? 0) + PIECE.length;
          if (!response.write(PIECE)) return void response.once("drain", more);
        }
      };
      more();
    });
    const victim = await openVictim(stage);
    await victim.page.evaluate(showPicture, `http://127.0.0.1:${other.port}/picture.svg`);
    // Images are hidden unless the user shows them.
    const filter = { role: "searchbox", name: "Filter requests" };
    await victim.panel.fill(filter, "kind:image");
    await expectRows(victim.panel, /GET \/picture\.svg/);
    await victim.panel.fill(filter, "");
    await expectSoon("the panel has hung up", () => closed > 0);
    expect(Math.max(...sent)).toBeLessThan(ENOUGH_BYTES);
    await visitAgain(victim);
    await expectNothingGot(victim, other.received, stage.driver);
  },
};
