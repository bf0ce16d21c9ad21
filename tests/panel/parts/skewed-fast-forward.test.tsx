// @vitest-environment happy-dom
/** Fast-forward shows both expiries by the browser's clock, whatever the server's clock says. */
import { cleanup, render, screen } from "@testing-library/preact";
import { expect, it, onTestFinished } from "vitest";
import { FastForward } from "../../../components/rehearsal/FastForward.tsx";
import { formatMoment } from "../../../extension/logic/time-text.ts";
import { createModels } from "../../../extension/models/index.ts";
import { createMemoryServer } from "../memory-ports/server.ts";
import { turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../memory-ports/world.ts";

const HOUR = 3_600_000;

it.each([
  ["ahead", HOUR],
  ["behind", -HOUR],
])("with a server an hour %s, its session ends at the time of its cookie", async (_, aheadMs) => {
  const world = createMemoryWorld();
  const end = world.now() + HOUR;
  world.server = createMemoryServer(() => world.now() + aheadMs);
  world.server.put("key", { visits: 1 }, end + aheadMs);
  world.setCookies([fillCookie({ value: "key", expiresAt: end })]);
  const models = createModels(world.ports);
  onTestFinished(() => {
    cleanup();
    models[Symbol.dispose]();
  });
  await turns();
  render(<FastForward fastForward={models.fastForward} clock={models.clock} />);
  const times = screen.getAllByText("01:00:00");
  expect(times.map(({ title }) => title)).toEqual([formatMoment(end), formatMoment(end)]);
});
