// @vitest-environment happy-dom
/** The demo: it plays its story in the panel, changes nothing of the tab, and closing it brings the tab's own rows back. */
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/preact";
import { expect, it, onTestFinished, vi } from "vitest";
import { Panel } from "../../../entrypoints/panel/Panel.tsx";
import { createModels } from "../../../extension/models/index.ts";
import type { Preferences } from "../../../extension/models/showing/preferences.ts";
import type { ClockPort } from "../../../extension/ports/ports.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../memory-ports/world.ts";

const TRY = "Try it with a demo session";
const CLOSE = "Close demo";

/** The panel of a site without a bridge. */
async function start(preferences?: Partial<Preferences>) {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
  const world = createMemoryWorld({ url: "http://localhost:3000/" });
  world.server.setMood("absent");
  world.preferences = preferences;
  world.setCookies([
    fillCookie({ name: "connect.sid", recognised: { framework: "Express", role: "session" } }),
  ]);
  const models = createModels(world.ports);
  const timers = new Set<object>();
  const clock: ClockPort = {
    now: world.now,
    every(ms, tick) {
      const timer = { stop: world.ports.clock.every(ms, tick) };
      timers.add(timer);
      return () => {
        timers.delete(timer);
        timer.stop();
      };
    },
  };
  render(<Panel models={models} clock={clock} />);
  onTestFinished(() => {
    cleanup();
    models[Symbol.dispose]();
  });
  await pass(world, 1000);
  return { world, models, timers };
}

async function openDemo(world: MemoryWorld): Promise<void> {
  const button = screen.getByRole("button", { name: TRY });
  button.focus();
  fireEvent.click(button);
  await screen.findByRole("button", { name: CLOSE });
  await pass(world, 1000);
}

const rows = () => within(screen.getByRole("grid", { name: "Requests" })).getAllByRole("row");
const texts = () => rows().map((row) => row.textContent ?? "");
const focused = () => document.activeElement?.textContent;

it("plays a login, a cart, an edit, a countdown and a logout with a new session", async () => {
  const { world } = await start();
  await openDemo(world);
  await pass(world, 4000);
  expect(texts().some((text) => /POST.*\/login/.test(text))).toBe(true);
  fireEvent.click(rows().find((row) => /POST.*\/login/.test(row.textContent ?? "")) as HTMLElement);
  await turns();
  const contents = screen.getByRole("treegrid", { name: "Session contents" });
  expect(within(contents).getByRole("row", { name: /user_id.*123/ })).toBeTruthy();
  await pass(world, 12_000);
  expect(texts().join("\n")).toMatch(/\/cart[\s\S]*\/checkout[\s\S]*\/logout/);
  const cookie = within(screen.getByRole("listbox", { name: "Session cookies" })).getByRole("option");
  expect(cookie.textContent).toMatch(/00:01:\d\d/);
});

it("shows all rows, and the columns that it finds, to a user who hides most rows of the tab", async () => {
  const usual = await playAll();
  expect(usual).toHaveLength(11); // the head, nine requests and an edit
  cleanup();
  const chosen: Partial<Preferences> = {
    changesOnly: true,
    kinds: ["fetch"],
    pins: ["language"],
    unpinned: ["user_id"],
    watchNames: ["sessionid", "theme"],
  };
  expect(await playAll(chosen)).toEqual(usual);
});

async function playAll(preferences?: Partial<Preferences>): Promise<string[]> {
  const { world } = await start(preferences);
  await openDemo(world);
  await pass(world, 11_000);
  return texts();
}

it("is called a demo for as long as it is shown", async () => {
  const { world } = await start();
  await openDemo(world);
  const region = screen.getByRole("region", { name: "Demo" });
  expect(region.textContent).toContain("Demo: invented data.");
  for (const tab of ["Changes", "Cookie", "Raw", "Why?"]) {
    fireEvent.click(screen.getByRole("tab", { name: tab }));
    await turns();
    expect(screen.getByRole("region", { name: "Demo" })).toBe(region);
  }
  expect(screen.queryByRole("button", { name: TRY })).toBeNull();
});

it("changes nothing of the tab, and keeps nothing", async () => {
  const { world, models } = await start();
  models.preferences.set({ theme: "dark" });
  await turns();
  const before = structuredClone({
    cookies: world.cookies,
    preferences: world.preferences,
    kept: [...world.kept],
  });
  const asked = vi.spyOn(world.ports.permissions, "request");
  await openDemo(world);
  await pass(world, 4000);
  const calls = world.server.asked.length;
  fireEvent.click(screen.getByRole("button", { name: "Clear" }));
  fireEvent.click(screen.getByRole("button", { name: "Flush session" }));
  fireEvent.click(screen.getByRole("button", { name: /^Record|Stop recording/ }));
  await pass(world, 3000);
  expect({ cookies: world.cookies, preferences: world.preferences, kept: [...world.kept] }).toEqual(before);
  expect(world.did).toEqual([]);
  expect(asked).not.toHaveBeenCalled();
  // the tab's own models go on calling the tab's server, and no other call was added
  const more = world.server.asked.slice(calls);
  expect(more.every(({ origin, name }) => origin === "http://localhost:3000" && name === "hello")).toBe(true);
});

it("moves the focus to its button, and back to Try when it closes", async () => {
  const { world } = await start();
  await openDemo(world);
  expect(focused()).toBe(CLOSE);
  fireEvent.click(screen.getByRole("button", { name: CLOSE }));
  await turns();
  expect(focused()).toBe(TRY);
});

it("returns to what was recorded meanwhile, and plays from the beginning the next time", async () => {
  const { world } = await start();
  await openDemo(world);
  await pass(world, 6000);
  world.request({ url: "http://localhost:3000/meanwhile" });
  await pass(world, 1000);
  expect(texts().join()).not.toContain("/meanwhile");
  fireEvent.click(screen.getByRole("button", { name: CLOSE }));
  await turns();
  expect(texts().join()).toContain("/meanwhile");
  expect(texts().join()).not.toContain("/cart");
  await openDemo(world);
  expect(texts().join()).not.toContain("/cart");
});

it("gives the focus to the tab if a bridge has answered meanwhile", async () => {
  const { world, models } = await start();
  await openDemo(world);
  world.server.setMood("up");
  models.connection.tryNow();
  await pass(world, 2000);
  fireEvent.click(screen.getByRole("button", { name: CLOSE }));
  await waitFor(() => expect(focused()).toBe("Contents"));
});

it("stops when it is closed", async () => {
  const { world, timers } = await start();
  const before = timers.size;
  await openDemo(world);
  expect(timers.size).toBeGreaterThan(before);
  fireEvent.click(screen.getByRole("button", { name: CLOSE }));
  await turns();
  expect(timers.size).toBe(before);
});
