// @vitest-environment happy-dom
/** The whole panel in a simulated document, found by roles and names as people find it. */
import { cleanup, fireEvent, render, screen, within } from "@testing-library/preact";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { App } from "../../../entrypoints/panel/App.tsx";
import { createModels, type Models } from "../../../extension/models/index.ts";
import { playStory, storyCookies } from "../harness/story.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../memory-ports/world.ts";

let models: Models | null = null;
let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
  // A simulated document has no layout; lists need a height to know which rows are in view.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 400 });
});
afterEach(() => {
  cleanup();
  models?.[Symbol.dispose]();
});

async function show(): Promise<Models> {
  const made = createModels(world.ports);
  models = made;
  render(<App models={made} />);
  await turns();
  return made;
}

describe("the panel", () => {
  it("names its parts as people and tests look for them", async () => {
    storyCookies(world);
    await show();
    playStory(world, false);
    await turns();
    expect(screen.getByRole("toolbar", { name: "Sessions" })).toBeDefined();
    expect(screen.getByRole("listbox", { name: "Session cookies" })).toBeDefined();
    expect(screen.getByRole("grid", { name: "Requests" })).toBeDefined();
    expect(screen.getByRole("treegrid", { name: "Session contents" })).toBeDefined();
    expect(screen.getByRole("status").textContent).toContain("requests");
    expect(screen.getAllByRole("tab").map((tab) => tab.textContent)).toEqual(
      expect.arrayContaining(["Contents", "Changes", "Cookie", "Raw"]),
    );
  });

  it("shows what a login did, and the session after it when its row is selected", async () => {
    storyCookies(world);
    const made = await show();
    playStory(world, false);
    await turns();
    world.advance(20);
    const login = made.view.rows.value.find((entry) => entry.type === "request" && entry.number === 3);
    made.view.select(login?.id ?? null);
    const grid = screen.getByRole("grid", { name: "Requests" });
    const row = await within(grid).findByRole("row", { selected: true });
    for (const text of ["POST/login", "+user_id", "+username", "new key"])
      expect(row.textContent).toContain(text);
    const tree = screen.getByRole("treegrid", { name: "Session contents" });
    expect(
      within(tree)
        .getAllByRole("row")
        .map((each) => each.textContent),
    ).toContainEqual(expect.stringContaining("user_id:123"));
  });

  it("counts a cookie down once a second", async () => {
    world.setCookies([fillCookie({ expiresAt: world.now() + 3_600_000 })]);
    await show();
    const option = await screen.findByRole("option", { name: /sessionid/ });
    expect(option.textContent).toContain("01:00:00");
    world.advance(1000);
    await turns();
    expect(option.textContent).toContain("00:59:59");
  });

  it.each([
    ["absent", "See what your session holds", "Check again"],
    ["refused", "The server refused the panel", "How to allow"],
    ["version", "Panel and bridge speak different versions", undefined],
    ["no-access", "Let the panel read this site's cookies", "Allow on this site"],
  ] as const)("says what to do when the bridge is %s", async (mood, title, button) => {
    world.server.setMood(mood);
    await show();
    world.request({}); // the page's server is seen to answer
    await pass(world, 1000);
    const notice = await screen.findByRole("group", { name: title });
    if (button !== undefined) expect(within(notice).getByRole("button", { name: button })).toBeDefined();
  });

  it("says that there is no session yet, and listens", async () => {
    await show();
    expect(await screen.findAllByRole("group", { name: "No session yet" })).toHaveLength(2);
    expect(screen.getByRole("group", { name: "Listening" })).toBeDefined();
  });

  it("says that it cannot inspect browser pages", async () => {
    world.url = null;
    await show();
    expect(await screen.findByRole("group", { name: "Nothing to inspect here" })).toBeDefined();
  });

  it("says how many requests a filter hides, and shows them again", async () => {
    const made = await show();
    world.request({});
    world.advance(20);
    made.view.search("nothing like it");
    const notice = await screen.findByRole("group", { name: "Nothing matches “nothing like it”" });
    expect(notice.textContent).toContain("1 request is hidden");
    fireEvent.click(within(notice).getByRole("button", { name: "Clear filter" }));
    expect(await screen.findByRole("grid", { name: "Requests" })).toBeDefined();
  });
});
