/**
 * The attacker is another extension that knows our source: the names of ports, every message to the background, every message
 * of panel and recorder. It wants the requests that were recorded, the cookies, and to have some deleted.
 */
import { expect } from "@playwright/test";
import { expectContents } from "../../e2e/panel.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { expectUnchanged, openVictim } from "../victim.ts";
import { startStranger } from "./stranger.ts";

/** Ids that tabs have in a browser that was just started are small in Firefox, and large in Chromium. */
const TABS = [1, 2, 3];

export const speaksAsAPanel: Scenario = {
  name: "an extension that sends every message of our panel, by id and by port name, gets no answer",
  async run(stage) {
    const id = stage.driver.name === "firefox" ? "sessions@sessions-devtools.dev" : null;
    const stranger = await startStranger(stage, {
      rights: { permissions: ["tabs"], host_permissions: ["*://localhost/*"] },
    });
    const victim = await openVictim(stage, { driver: stranger.driver });
    const ours = id ?? (await victim.panel.evaluate(() => location.host, null));
    // The panel itself gets an answer to this.
    expect(await victim.panel.evaluate(askBackground, null)).toContain(victim.cookie);

    const told = await stranger.page.evaluate(speak, { ours, guesses: TABS, url: victim.url });
    expect(told.tried).toBeGreaterThan(20);
    expect(told.answers).toEqual([]);
    await expectUnchanged(victim, stranger.driver);
    await expectContents(victim.panel, new RegExp(`note: "${victim.canary}"`));
  },
};

/** Runs in the panel. */
async function askBackground(): Promise<string> {
  const { devtools, runtime } = (Reflect.get(globalThis, "browser") ?? Reflect.get(globalThis, "chrome")) as {
    devtools: { inspectedWindow: { tabId: number } };
    runtime: { sendMessage(message: object): Promise<unknown> };
  };
  const { tabId } = devtools.inspectedWindow;
  return JSON.stringify(await runtime.sendMessage({ ask: "list-cookies", tabId, urls: [] }));
}

/** Runs in the stranger's page: every message, to our id, for each tab; returns the answers. */
async function speak(given: { ours: string; guesses: number[]; url: string }) {
  interface Port {
    postMessage(message: object): void;
    disconnect(): void;
    onMessage: { addListener(listener: (message: unknown) => void): void };
    onDisconnect: { addListener(listener: () => void): void };
  }
  const { runtime, tabs } = Reflect.get(globalThis, "chrome") as {
    runtime: {
      lastError?: object;
      sendMessage(id: string, message: object): Promise<unknown>;
      connect(id: string, info: { name: string }): Port;
    };
    tabs: { query(filter: object): Promise<{ id?: number }[]> };
  };
  const open = (await tabs.query({})).flatMap(({ id }) => id ?? []);
  const answers: string[] = [];
  let tried = 0;
  for (const tabId of [...open, ...given.guesses]) {
    const questions = [
      { ask: "watch", tabId },
      { ask: "page-address", tabId },
      { ask: "list-cookies", tabId, urls: [given.url] },
      { ask: "preview-close", tabId, urls: [given.url] },
      { ask: "close", tabId, cookies: [] },
      { ask: "has-access", origin: given.url },
      { ask: "open-options", tabId, origin: given.url },
      { notice: "roll-call", tabId },
      { notice: "cookies-changed" },
    ];
    for (const question of questions) {
      tried += 1;
      const answer = await runtime.sendMessage(given.ours, question).catch(() => null);
      if (answer !== null && answer !== undefined) answers.push(JSON.stringify(answer));
    }
    for (const name of [`recorder:${tabId}`, "recorder", ""]) {
      tried += 1;
      const port = runtime.connect(given.ours, { name });
      await new Promise<void>((resolve) => {
        port.onMessage.addListener((message) => answers.push(JSON.stringify(message)));
        port.onDisconnect.addListener(() => {
          void runtime.lastError;
          resolve();
        });
        try {
          for (const say of ["history", "recall", "clear"]) port.postMessage({ say });
        } catch {
          resolve(); // it was closed at once
        }
      });
    }
  }
  return { tried, answers };
}
