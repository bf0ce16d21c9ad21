/**
 * The attacker is another extension that changes the headers of answers. It gives every response of the site the id of one and
 * the same trace, or none, and wants the panel to blame a request for what another one did, or to ask for other traces.
 */
import { expect } from "@playwright/test";
import { TRACE_HEADER } from "../../../server-bridge/src/protocol/index.ts";
import { expectContents, expectRows, readRows } from "../../e2e/panel.ts";
import type { Scenario } from "../../e2e/scenario.ts";
import { openVictim, visitAgain } from "../victim.ts";
import { startStranger } from "./stranger.ts";

export const swapsTheTraceHeader: Scenario = {
  name: "no request is credited with another's change when an extension swaps trace ids in responses",
  async run(stage) {
    const stranger = await startStranger(stage, {
      rights: { permissions: ["declarativeNetRequestWithHostAccess"], host_permissions: ["<all_urls>"] },
    });
    const { driver } = stranger;
    const victim = await openVictim(stage, { driver });
    await visitAgain(victim);
    await expectRows(victim.panel, /GET \/ 200 .*~visits/);
    const id = await victim.page.evaluate(async (header) => {
      return (await fetch("/app")).headers.get(header);
    }, TRACE_HEADER);
    await expectRows(victim.panel, /GET \/app 200 .*~visits/);

    await stranger.page.evaluate(swap, { header: TRACE_HEADER, value: id });
    const seen = await victim.page.evaluate(
      async (header) => (await fetch("/stored")).headers.get(header),
      TRACE_HEADER,
    );
    expect(seen, "the page sees the swapped header").toBe(id);
    await visitAgain(victim);
    await expectContents(victim.panel, new RegExp(`note: "${victim.canary}"`));
    await expectRows(victim.panel, /GET \/ 200/);
    const rows = await readRows(victim.panel);
    expect(rows.filter((row) => /\/stored/.test(row) && /~|\+/.test(row))).toEqual([]);
    expect(await victim.stored()).toEqual({ note: victim.canary });
  },
};

/** Runs in the stranger's page: every answer of this machine's servers names this trace from now on. */
async function swap({ header, value }: { header: string; value: string | null }): Promise<null> {
  const { declarativeNetRequest } = Reflect.get(globalThis, "chrome") as {
    declarativeNetRequest: { updateSessionRules(change: object): Promise<void> };
  };
  await declarativeNetRequest.updateSessionRules({
    addRules: [
      {
        id: 1,
        priority: 9,
        action: { type: "modifyHeaders", responseHeaders: [{ header, operation: "set", value }] },
        condition: { urlFilter: "*", resourceTypes: ["main_frame", "xmlhttprequest"] },
      },
    ],
  });
  return null;
}
