/**
 * The attacker listens on `[::1]` with the very port number that the victim's server has on 127.0.0.1, and claims to be a bridge with
 * the same cookie name. To a person both are "localhost"; they want the panel to confuse the two.
 */
import { createServer } from "node:http";
import { expect } from "@playwright/test";
import { expectContents, expectText, readContents } from "../../e2e/panel.ts";
import { answerAsBridge } from "../../e2e/recording-server.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { htmlPage, showPicture, tracedPicture } from "../elsewhere.ts";
import { expectNothingGot, expectSoon, openVictim } from "../victim.ts";

export const borrowsThePortUnderAnotherName: Scenario = {
  name: "a server on [::1] with the victim's port number is another server: it gets no proof, and its session is separate",
  async run(stage) {
    const victim = await openVictim(stage, { host: "127.0.0.1" });
    const { page, panel } = victim;
    const { port } = new URL(victim.url);
    const received: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (piece) => {
        body += piece;
      });
      request.on("end", () => {
        received.push([request.url, ...request.rawHeaders, body].join(" "));
        const capabilities = ["prove", "read", "edit"] as const;
        if (answerAsBridge(request.url ?? "", response, { capabilities })) return;
        if (request.url === "/picture.svg") return tracedPicture(response);
        htmlPage(response, "<p>Mine", { "set-cookie": "sessionid=mallorys-own; Path=/" });
      });
    });
    await new Promise<void>((resolve) => server.listen(Number(port), "::1", resolve));
    stage.later(async () => {
      server.closeAllConnections();
      server.close();
    });

    await page.evaluate(showPicture, `http://[::1]:${port}/picture.svg`);
    await expectSoon("the panel asks it", () => received.some((request) => request.includes("/hello ")));
    await page.goto(`http://[::1]:${port}/`);
    await expectText(panel, /mallory 1\.0/); // the page's own bridge now
    expect((await readContents(panel)).join()).not.toContain(victim.canary);
    await page.goto(victim.url);
    await expectContents(panel, new RegExp(`note: "${victim.canary}"`));
    expect((await readContents(panel)).join()).not.toContain("mallory");
    await expectNothingGot(victim, received, stage.driver);
  },
};
