// @vitest-environment happy-dom
/** Names, paths and values with characters that turn the text around: they may not rearrange a title or an accessible name. */
import { fireEvent, screen, within } from "@testing-library/preact";
import { expect, it } from "vitest";
import { sideOf } from "../memory-ports/calls.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, fillRequest } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const RLO = "\u202e";
const SHOWN = "\\u{202e}";
const BEFORE = JSON.stringify({ [`${RLO}key`]: "one" });
const AFTER = JSON.stringify({ [`${RLO}key`]: `a${RLO}value`, cart: { [`${RLO}inner`]: 1 } });

async function start() {
  const world = createMemoryWorld();
  world.preferences = { pins: [`${RLO}key`], unpinned: [], watchNames: [`${RLO}watched`] };
  world.server.put("key", AFTER);
  world.setCookies([
    fillCookie({ value: "key" }),
    fillCookie({ id: "b", name: `session${RLO}`, path: `/${RLO}path` }),
  ]);
  const models = openPanel(world);
  await pass(world, 1000);
  const trace = {
    before: sideOf("key", { dataJson: BEFORE, version: 1, expiresAt: null }),
    after: sideOf("key", { dataJson: AFTER, version: 2, expiresAt: null }),
    changes: [{ key: `${RLO}key`, kind: "changed" as const, writer: `src/${RLO}login.ts:41` }],
  };
  const url = `http://localhost:8000/${RLO}path`;
  const { id } = world.server.trace(trace);
  world.request(fillRequest({ id: "1", at: world.now(), url, traceId: id }));
  world.request(fillRequest({ id: "2", at: world.now() + 1, url, error: `net::${RLO}` }));
  await pass(world, 3000);
  const other = world.server.trace(trace);
  world.server.trace({ ...trace, request: { ...other.request, path: `/${RLO}other` } });
  await pass(world, 3000);
  return models;
}

/** Every title and accessible name that is written out. */
function labels(): string[] {
  return [...document.querySelectorAll("[title], [aria-label]")].flatMap((each) =>
    [each.getAttribute("title"), each.getAttribute("aria-label")].flatMap((text) => text ?? []),
  );
}

const turned = () => labels().filter((label) => /\p{Bidi_Control}/u.test(label));

it("the panel's titles and names show such characters as their numbers", async () => {
  const models = await start();
  fireEvent.click(screen.getByRole("button", { name: "Settings" }));
  await turns();
  expect(turned()).toEqual([]);
  const shown = labels();
  for (const label of [
    `Unpin ${SHOWN}key`,
    `${SHOWN}key, pinned. Double-click to unpin`,
    `Pin cart["${SHOWN}inner"] as a column`,
    `"a${SHOWN}value"`,
    `Last written by src/${SHOWN}login.ts:41 in GET /${SHOWN}other`,
    `${SHOWN}key was changed by src/${SHOWN}login.ts:41`,
    `/${SHOWN}path`,
    `session${SHOWN}`,
  ])
    expect(shown).toContain(label);
  const [row] = within(screen.getByRole("treegrid")).getAllByRole("row");
  models.editor.edit(models.tree.rows.value[0] ?? expect.fail("no row"));
  await turns();
  expect(turned()).toEqual([]);
  fireEvent.contextMenu(row ?? expect.fail("no row"));
  await turns();
  expect(turned()).toEqual([]);
});
