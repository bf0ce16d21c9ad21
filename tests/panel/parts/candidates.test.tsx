// @vitest-environment happy-dom
/** Cookies that may carry a session: offered, watched by name, and no longer watched. */
import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, expect, it } from "vitest";
import { App } from "../../../entrypoints/panel/App.tsx";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../memory-ports/world.ts";

let models: Models | null = null;
let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
});
afterEach(() => {
  cleanup();
  models?.[Symbol.dispose]();
});

async function show(): Promise<void> {
  models = createModels(world.ports);
  render(<App models={models} />);
  await turns();
}

const NAME = "session-flash__session";

function setCookies(): void {
  world.setCookies([
    fillCookie({ name: NAME, recognised: null }),
    fillCookie({ name: "sidebar_state", recognised: null }),
  ]);
}

it("a cookie that may carry a session is offered, and can be watched by itself", async () => {
  setCookies();
  await show();
  const cookies = screen.getByRole("region", { name: "Cookies" });
  const notice = await within(cookies).findByRole("group", { name: "1 cookie may carry a session" });
  expect(notice.textContent).toContain(NAME);
  expect(within(cookies).queryByText("No session yet")).toBeNull();
  fireEvent.click(within(notice).getByRole("button", { name: "Watch it" }));
  await turns();
  expect(within(cookies).getAllByRole("option")).toHaveLength(1);
  expect(within(cookies).getByRole("option", { name: new RegExp(NAME) })).toBeDefined();
  expect(world.preferences).toMatchObject({ watch: "session", watchNames: [NAME] });
});

it("a watched name is removed in the settings", async () => {
  world.preferences = { watchNames: [NAME, "other", 7, ""] };
  setCookies();
  await show();
  const cookies = screen.getByRole("region", { name: "Cookies" });
  expect(await within(cookies).findByRole("option", { name: new RegExp(NAME) })).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Settings" }));
  fireEvent.click(await screen.findByRole("button", { name: `Stop watching ${NAME}` }));
  await turns();
  expect(world.preferences).toMatchObject({ watchNames: ["other"] });
  expect(await within(cookies).findByRole("group", { name: "1 cookie may carry a session" })).toBeDefined();
});
