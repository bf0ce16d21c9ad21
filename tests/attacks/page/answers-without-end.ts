/**
 * The attacker has a server on this machine, and a picture of it is in the victim's page. The picture names a trace, so the panel
 * asks that server for a bridge; it answers with JSON that does not end, and wants the panel to run out of memory.
 */
import { expect } from "@playwright/test";
import { expectRows } from "../../e2e/panel.ts";
import { startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { showPicture, tracedPicture } from "../elsewhere.ts";
import { expectNothingGot, expectSoon, openVictim, visitAgain } from "../victim.ts";

/** Far more than any answer of a bridge; what a panel takes in of one is bounded. */
const ENOUGH_BYTES = 200 * 1024 * 1024;
const PIECE = Buffer.alloc(1024 * 1024, "a");

export const answersWithoutEnd: Scenario = {
  name: "a server whose answer to `hello` has no end is hung up on, and the panel goes on",
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
    await expectRows(victim.panel, /GET \/picture\.svg/);
    await expectSoon("the panel has hung up", () => closed > 0);
    expect(Math.max(...sent)).toBeLessThan(ENOUGH_BYTES);
    await visitAgain(victim);
    await expectNothingGot(victim, other.received, stage.driver);
  },
};
