/** Who can send messages to the recorder: the panel of its own tab, and our background. */
import { describe, expect, it } from "vitest";
import { isPanelPort, isRollCall } from "../../../extension/recorder/admit-sender.ts";

const ID = "abcdefghijklmnop";
const PANEL = `chrome-extension://${ID}/panel.html`;
const OWN = { id: ID, panelUrl: PANEL, tabId: 7 };
const NAME = "recorder:7";

describe("a port to the recorder", () => {
  it("from its own tab's panel is accepted", () => {
    expect(isPanelPort({ name: NAME, sender: { id: ID, url: PANEL } }, OWN)).toBe(true);
  });

  it.each([
    ["another tab's panel", { name: "recorder:8", sender: { id: ID, url: PANEL } }],
    ["another extension", { name: NAME, sender: { id: "ponmlkjihgfedcba", url: PANEL } }],
    ["a page of a site", { name: NAME, sender: { id: ID, url: "http://localhost:3000/panel.html" } }],
    ["another page of ours", { name: NAME, sender: { id: ID, url: `${PANEL}?x` } }],
    ["no sender", { name: NAME }],
  ])("of %s is not", (_, port) => {
    expect(isPanelPort(port, OWN)).toBe(false);
  });
});

describe("the question whether the tab is still inspected", () => {
  const question = { notice: "roll-call", tabId: 7 };

  it("is answered for our own background", () => {
    expect(isRollCall(question, { id: ID }, OWN)).toBe(true);
  });

  it.each([
    ["for another tab", { notice: "roll-call", tabId: 8 }, { id: ID }],
    ["by another extension", question, { id: "ponmlkjihgfedcba" }],
    ["by no one", question, {}],
    ["in another shape", "roll-call", { id: ID }],
    ["as another notice", { notice: "access-changed" }, { id: ID }],
  ])("%s is not", (_, message, sender) => {
    expect(isRollCall(message, sender, OWN)).toBe(false);
  });
});
