/**
 * The attacker has a server on this machine, and the victim's page shows an image from it. It claims to be a bridge, and answers
 * the panel's calls with redirects: to the victim's own bridge, where the panel's Origin would open the door to `flush` and
 * `edit`, and to another of their servers, which wants the proof.
 */
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import { answerAsBridge, startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { showPicture, tracedPicture } from "../elsewhere.ts";
import { expectSoon, expectUnchanged, openVictim, visitAgain } from "../victim.ts";

export const passesThePanelsCallsOn: Scenario = {
  name: "calls that a server redirects to the victim's bridge and to a third one do not arrive",
  async run(stage) {
    const third = await startRecording(stage, (_path, response) => response.end());
    const victim = await openVictim(stage);
    const targets = [`http://127.0.0.1:${third.port}/`, `${victim.url}${BRIDGE_PATH}flush`];
    let redirected = 0;
    for (const location of targets) {
      for (const status of [307, 308]) {
        const other = await startRecording(stage, (path, response) => {
          if (path.startsWith(`${BRIDGE_PATH}hello`)) {
            answerAsBridge(path, response, { capabilities: ["prove", "read", "traces", "edit", "flush"] });
          } else if (path.startsWith(BRIDGE_PATH)) {
            response.writeHead(status, { location }).end();
            redirected += 1;
          } else tracedPicture(response);
        });
        await victim.page.evaluate(showPicture, `http://localhost:${other.port}/picture.svg`);
        const before = redirected;
        await expectSoon(
          "a call was redirected",
          () => redirected > before || other.calls("traces").length > 0,
        );
        // The victim's page can follow it, so the redirect works.
        await victim.page.evaluate(
          (url) => fetch(url, { method: "POST", mode: "no-cors" }).then(() => null),
          `http://localhost:${other.port}${BRIDGE_PATH}traces`,
        );
      }
    }
    expect(third.received.length, "what the page was led to").toBe(2);
    await visitAgain(victim);
    expect(third.received.filter((request) => request.includes(victim.cookie))).toEqual([]);
    expect(third.received.filter((request) => /Origin \w+-extension/i.test(request))).toEqual([]);
    await expectUnchanged(victim, stage.driver);
  },
};
