/** "It does not connect" has the causes of the panel's notices, under the same words. */
import { describe, expect, it } from "vitest";
import { BRIDGE_NOTICES } from "../../extension/logic/notices/bridge-notices.ts";
import { BRIDGE_PAIRS } from "../truth/notices/bridge.ts";
import { CONNECT_PAGE, connectPage } from "./connect-page.ts";
import { readText } from "./files.ts";

describe("the page about what does not connect", () => {
  it("is what the notices say now (npm run words writes it)", () => {
    expect(readText(CONNECT_PAGE)).toBe(connectPage());
  });

  it("has every notice about the way to the bridge", () => {
    const page = connectPage();
    for (const rule of BRIDGE_NOTICES.filter(({ name }) => name !== "refused")) {
      const pair = BRIDGE_PAIRS[rule.name];
      const title = pair === undefined ? null : rule.tell(pair.case)?.title;
      expect(page, rule.name).toContain(`### ${title}`);
    }
  });
});
