// @vitest-environment happy-dom
/** The panel of a Django site: what it shows of the site's reports, and what it offers where there are none. */
import { fireEvent, screen, within } from "@testing-library/preact";
import type { Capability } from "session-bridge/protocol";
import { expect, it, vi } from "vitest";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const PAGE = "http://localhost:8000";
const PLACE = "http://localhost:47801";
const DATETIME = "\u2039cut: Python datetime 2026-11-30T04:21:00+00:00\u203a";

interface Site {
  capabilities?: Capability[];
  engine?: string;
  data?: string;
}

async function start({ capabilities, engine = "db", data = '{"cart":[]}' }: Site = {}) {
  const world = createMemoryWorld({ url: `${PAGE}/` });
  const { server } = world;
  server.hello = { ...server.hello, library: { name: "Django", version: "5.2" }, engine, serves: [PAGE] };
  if (capabilities !== undefined) server.hello.capabilities = ["prove", ...capabilities];
  server.put("key", data);
  world.setCookies([fillCookie({ value: "key" })]);
  world.places.set(PAGE, PLACE);
  const models = openPanel(world);
  await pass(world, 1000);
  return { world, models };
}

const session = () => within(screen.getByRole("region", { name: "Session" }));
const show = async (tab: string): Promise<void> => {
  fireEvent.click(session().getByRole("tab", { name: tab }));
  await turns();
};
const code = () => [...document.querySelectorAll(".code-line code")].map((each) => each.textContent);

it("names the site, and the bridge through which its session is read", async () => {
  await start();
  const line = await screen.findByRole("note", { name: "Origin" });
  expect(line.textContent).toBe(`Session of ${PAGE}, read through ${PLACE}.`);
});

it("shows a change that was not marked, and who may have made it", async () => {
  const { world, models } = await start();
  world.request({ id: "r", url: `${PAGE}/buy/`, traceId: "t".repeat(22) });
  const { before } = world.server.trace({
    id: "t".repeat(22),
    findings: [{ code: "unmarked-change", keys: ["cart"], lines: ["shop/views.py:12"] }],
  });
  expect(before).toBeDefined();
  await pass(world, 1000);
  expect(screen.getByTitle("Finding: will not be saved (cart, last read by shop/views.py:12)")).toBeDefined();
  models.view.select("r");
  await turns();
  await show("Why?");
  expect(
    session().getByText(/so Django did not store it\. It was last read by shop\/views\.py:12/),
  ).toBeDefined();
  expect(session().getByText(/Set request\.session\.modified = True/)).toBeDefined();
});

it("offers next to a reading what makes the site report its requests", async () => {
  const { world, models } = await start({ capabilities: ["read", "edit"] });
  world.request({ id: "r", url: `${PAGE}/buy/` });
  await pass(world, 1000);
  models.view.select("r");
  await turns();
  await show("Why?");
  expect(session().getByText(/let the site report it/)).toBeDefined();
  expect(code().at(-1)).toBe("python manage.py session_bridge");
  const copied = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  fireEvent.click(screen.getByRole("button", { name: "Copy the lines for settings.py" }));
  expect(copied).toHaveBeenLastCalledWith(code()[1]);
});

it("does not edit a value that JSON has no form for, and says what it is", async () => {
  await start({ data: JSON.stringify({ seen: DATETIME, visits: 1 }) });
  const value = screen.getByTitle(/^Python datetime 2026-11-30T04:21:00\+00:00: JSON has no form/);
  expect(value.textContent).toBe("\u2039Python datetime 2026-11-30T04:21:00+00:00\u203a");
  expect(value.closest("[role=gridcell]")?.getAttribute("aria-readonly")).toBe("true");
  fireEvent.dblClick(value);
  await turns();
  expect(screen.queryByRole("textbox", { name: "Value of seen" })).toBeNull();
  expect(screen.getAllByText(/Not editable: JSON has no form for this value/)).not.toEqual([]);
});

it("says which engine it is whose sessions cannot be edited", async () => {
  const { models } = await start({ capabilities: ["read", "traces"], engine: "signed_cookies" });
  expect(models.able.edit.value).toBe("the bridge does not offer this for the engine signed_cookies");
});

it("says of a store in the site's memory that it cannot be read, and shows its requests", async () => {
  const { world } = await start({ capabilities: ["traces"], engine: "cache" });
  expect(session().getByText("The stored session cannot be read from outside")).toBeDefined();
  world.server.trace({ changes: [{ key: "cart", kind: "added" }] });
  await pass(world, 3000);
  expect(screen.getByTitle("cart was added")).toBeDefined();
});
