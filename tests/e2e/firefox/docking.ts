/** Firefox reloads the panel whenever its Toolbox is docked elsewhere; the user must not notice. */
import { expect } from "@playwright/test";
import type { Dock } from "../driver.ts";
import { expectContents, expectRows, readContents, readRows, SHOWN_MS } from "../panel.ts";
import type { Scenario } from "../scenario.ts";
import { addToCart, logIn, logOut } from "../scenarios/story.ts";

const DOCKS: readonly Dock[] = ["right", "window", "bottom"];

export const docking: readonly Scenario[] = [
  {
    name: "a Toolbox docked to any side shows the same rows, and new ones",
    only: "firefox",
    async run({ open }) {
      const { page, tools, panel } = await open();
      await logIn(page);
      await addToCart(page, "tea");
      // The page's first request waits briefly for a trace that claims it before it gets a row.
      await expectRows(panel, /before DevTools opened/, /POST \/login.*\+user_id/, /POST \/cart.*\+cart/);
      const before = await readRows(panel);
      for (const where of DOCKS) {
        await tools.dock(where);
        const moved = await tools.showPanel();
        await expect.poll(async () => (await readRows(moved)).length).toBe(before.length);
        await expectRows(moved, /POST \/login.*user_id|POST \/login/, /POST \/cart/);
        await expectContents(moved, /user_id:? 123/);
      }
      await logOut(page);
      await expectRows(await tools.showPanel(), /POST \/cart/, /POST \/logout.*flushed/);
    },
  },
  {
    name: "a Toolbox docked elsewhere keeps the filter, the selected row and its details",
    only: "firefox",
    async run({ open }) {
      const { page, tools, panel } = await open();
      await logIn(page);
      await addToCart(page, "tea");
      await expectRows(panel, /POST \/login.*\+user_id/, /POST \/cart.*\+cart/);
      await panel.fill({ role: "searchbox", name: "Filter requests" }, "method:POST");
      await panel.click({ role: "row", text: "/login" });
      await expectContents(panel, /user_id: 123/);
      const chosen = () => panel.attributes({ role: "row", text: "/login" }, "aria-selected");
      expect(await chosen()).toEqual(["true"]);

      await tools.dock("right");
      await tools.showPanel(); // the same surface now finds the new document
      await expect.poll(chosen, { timeout: SHOWN_MS }).toEqual(["true"]);
      await expectRows(panel, /POST \/login/, /POST \/cart/);
      expect((await readRows(panel)).filter((row) => row.includes("GET"))).toEqual([]);
      await expectContents(panel, /user_id: 123/);
      expect((await readContents(panel)).join()).not.toContain("cart");
    },
  },
];
