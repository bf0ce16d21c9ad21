/**
 * The attacker has twenty frames in the victim's page, each from its own port with a bridge and the same cookie name, more than
 * the panel connects to at the same time. They want to push out the page's link and put one of theirs in its place.
 */
import { expect } from "@playwright/test";
import { expectContents, readContents } from "../../e2e/panel.ts";
import { answerAsBridge, type RecordingServer, startRecording } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { addFrame, htmlPage } from "../elsewhere.ts";
import { expectSoon, expectUnchanged, openVictim, visitAgain } from "../victim.ts";

const FRAMES = 20;
const TRACE = { "session-trace": `v=1;id=${"F".repeat(22)}` };

export const crowdsTheLinks: Scenario = {
  name: "twenty frames with a bridge each do not displace the page's own",
  async run(stage) {
    const victim = await openVictim(stage);
    const frames: RecordingServer[] = [];
    for (let frame = 0; frame < FRAMES; frame += 1) {
      frames.push(
        await startRecording(stage, (path, response) => {
          if (!answerAsBridge(path, response, { capabilities: ["prove", "read", "edit"] }))
            htmlPage(response, "", TRACE);
        }),
      );
    }
    for (const { port } of frames)
      await victim.page.evaluate(addFrame, { src: `http://localhost:${port}/frame` });
    const asked = () => frames.filter((frame) => frame.calls("hello").length > 0).length;
    await expectSoon("the panel asked many of them", () => asked() >= 8);
    await expectContents(victim.panel, new RegExp(`note: "${victim.canary}"`));
    expect(await victim.panel.texts({ role: "note", name: "Origin" })).toEqual([]);
    await visitAgain(victim);
    expect((await readContents(victim.panel)).join()).not.toContain("mallory");
    expect(
      frames.flatMap(({ received }) => received).filter((request) => request.includes(victim.canary)),
    ).toEqual([]);
    await expectUnchanged(victim, stage.driver);
  },
};
