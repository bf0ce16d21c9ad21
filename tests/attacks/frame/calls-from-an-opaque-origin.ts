/**
 * The attacker runs in frames of the victim's own page whose origin is opaque: sandboxed, `srcdoc`, `data:`, and `about:blank` written
 * from outside. Their Origin is `null`, as some programs send it. They hold the cookie's value, too, and want the session.
 */
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { expectUnchanged, openVictim, visitAgain } from "../victim.ts";

export const callsFromAnOpaqueOrigin: Scenario = {
  name: "frames with an opaque origin call the bridge with the victim's cookie, and read nothing",
  async run(stage) {
    const victim = await openVictim(stage);
    const url = `${victim.url}${BRIDGE_PATH}session`;
    const heard = await victim.page.evaluate(callFromFrames, {
      url,
      cookie: victim.cookie,
      plain: `${victim.url}/worker.js`,
    });
    expect(heard.map(({ frame }) => frame)).toEqual([
      "sandbox",
      "sandbox same-origin",
      "data:",
      "about:blank",
    ]);
    for (const { frame, origin, told } of heard) {
      expect(told, frame).not.toContain(victim.canary);
      expect(told, frame).not.toContain('"found":true');
      expect(told.split("\n"), frame).toHaveLength(3);
      expect([victim.url, "null"], frame).toContain(origin);
    }
    // The same call is answered if it comes from an extension.
    const answered = await victim.panel.evaluate(call, { url, cookie: victim.cookie });
    expect(answered).toContain(victim.canary);
    await visitAgain(victim);
    await expectUnchanged(victim, stage.driver);
  },
};

/** Runs in the panel. */
async function call({ url, cookie }: { url: string; cookie: string }): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ protocol: 1, cookie }),
  });
  return response.text();
}

/** Runs in the victim's page: creates a frame of each kind, each of which tries three ways, and returns what they could read. */
async function callFromFrames(given: { url: string; cookie: string; plain: string }) {
  const script = `(async () => {
    const { url, cookie } = ${JSON.stringify(given)};
    const body = JSON.stringify({ protocol: 1, cookie });
    const read = (options) => fetch(url, { method: "POST", body, ...options }).then(
      async (answer) => answer.status + " " + (await answer.text()).replaceAll("\\n", " "), (error) => "refused " + error.name);
    const told = [
      await read({ headers: { "content-type": "application/json" } }),
      await read({ mode: "no-cors", credentials: "include" }),
      await read({ headers: { "content-type": "text/plain" }, referrerPolicy: "no-referrer", credentials: "omit" }),
    ];
    parent.postMessage({ origin: self.origin, told: told.join("\\n") }, "*");
  })()`;
  const html = `<script>${script}</${"script"}>`;
  const kinds: [name: string, attributes: Record<string, string>][] = [
    ["sandbox", { sandbox: "allow-scripts", srcdoc: html }],
    ["sandbox same-origin", { sandbox: "allow-scripts allow-same-origin", srcdoc: html }],
    ["data:", { src: `data:text/html,${encodeURIComponent(html)}` }],
    ["about:blank", {}],
  ];
  const heard: { frame: string; origin: string; told: string }[] = [];
  for (const [name, attributes] of kinds) {
    const said = new Promise<{ origin: string; told: string }>((resolve) => {
      addEventListener("message", ({ data }) => resolve(data), { once: true });
    });
    const frame = document.createElement("iframe");
    for (const [attribute, value] of Object.entries(attributes)) frame.setAttribute(attribute, value);
    document.body.append(frame);
    if (name === "about:blank") {
      frame.contentDocument?.write(html);
      frame.contentDocument?.close();
    }
    heard.push({ frame: name, ...(await said) });
  }
  return heard;
}
