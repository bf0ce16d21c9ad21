/**
 * The attacker is another extension that may watch every request of this machine's servers (`webRequest`, in Firefox with
 * blocking and the bodies of answers). It wants what the panel sends to the bridge, the token above all, and what comes back.
 */
import { randomBytes } from "node:crypto";
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import { expectContents } from "../../e2e/panel.ts";
import { typeToken } from "../../e2e/panel-acts.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { openVictim, readCookie, visitAgain } from "../victim.ts";
import { startStranger } from "./stranger.ts";

export const listensToThePanelsRequests: Scenario = {
  name: "an extension that watches every request sees none of the panel's: no token, no proof, no session",
  async run(stage) {
    const blocking = stage.driver.name === "firefox" ? ["webRequestBlocking"] : [];
    const stranger = await startStranger(stage, {
      rights: { permissions: ["webRequest", ...blocking], host_permissions: ["<all_urls>"] },
      runs: { script: listen, argument: stage.driver.name },
    });
    const { driver } = stranger;
    const token = randomBytes(32).toString("base64url");
    const victim = await openVictim(stage, { driver, env: { SESSION_BRIDGE_TOKEN: token } });
    await typeToken(victim.panel, token);
    await victim.panel.click({ role: "button", name: "Use token" });
    await expectContents(victim.panel, new RegExp(`note: "${victim.canary}"`));
    await visitAgain(victim);

    const heard = await stranger.page.evaluate(readHeard, null);
    // It does see the page's requests with the HttpOnly cookie, so it would have seen the panel's.
    expect(heard.filter((line) => line.includes(`${victim.url}/ `)).join()).toContain(
      await readCookie(driver, victim.url),
    );
    expect(heard.filter((line) => line.includes(BRIDGE_PATH))).toEqual([]);
    for (const secret of [token, victim.canary]) {
      expect(heard.filter((line) => line.includes(secret))).toEqual([]);
    }
    expect(await victim.stored()).toEqual({ note: victim.canary });
  },
};

/** Runs in the stranger's page: records every request with its headers and body, in Firefox also the response. */
function listen(browser: string): void {
  interface Details {
    url: string;
    method: string;
    requestId: string;
  }
  interface Filter {
    ondata: (event: { data: ArrayBuffer }) => void;
    onstop: () => void;
    write(data: ArrayBuffer): void;
    disconnect(): void;
  }
  interface Event {
    addListener(listener: (details: Details) => void, filter: object, extra: string[]): void;
  }
  const { webRequest } = Reflect.get(globalThis, "chrome") as {
    webRequest: Record<string, Event> & { filterResponseData?: (id: string) => Filter };
  };
  const heard: string[] = [];
  document.addEventListener("read", () => {
    document.documentElement.dataset["heard"] = JSON.stringify(heard);
  });
  const decoder = new TextDecoder();
  const texts = (value: unknown): string =>
    JSON.stringify(value, (_key, each) => (each instanceof ArrayBuffer ? decoder.decode(each) : each));
  const more = browser === "firefox" ? [] : ["extraHeaders"];
  const everywhere = { urls: ["<all_urls>"] };
  const note = (details: Details) => void heard.push(`${details.method} ${details.url} ${texts(details)}`);
  webRequest["onBeforeRequest"]?.addListener(
    (details) => {
      note(details);
      if (browser !== "firefox") return;
      const filter = webRequest.filterResponseData?.(details.requestId);
      if (!filter) return;
      filter.ondata = ({ data }) => {
        heard.push(`${details.method} ${details.url} ${decoder.decode(data)}`);
        filter.write(data);
      };
      filter.onstop = () => filter.disconnect();
    },
    everywhere,
    browser === "firefox" ? ["requestBody", "blocking"] : ["requestBody"],
  );
  webRequest["onSendHeaders"]?.addListener(note, everywhere, ["requestHeaders", ...more]);
  webRequest["onCompleted"]?.addListener(note, everywhere, ["responseHeaders", ...more]);
}

/** Runs in the stranger's page. */
function readHeard(): string[] {
  document.dispatchEvent(new Event("read"));
  return JSON.parse(document.documentElement.dataset["heard"] ?? "");
}
