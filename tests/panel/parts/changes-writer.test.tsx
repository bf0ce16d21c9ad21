// @vitest-environment happy-dom
/** The Changes tab names the line of the server's code that wrote a key, where the trace of the request tells it. */
import { fireEvent, screen, within } from "@testing-library/preact";
import { expect, it } from "vitest";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const PAGE = "http://localhost:8000";
const TRACE = "t".repeat(22);
const SIDE = { keyId: "id-key", key: "k3v9…x0q2", version: "v1", expiresAt: null, truncated: false };

it("names the line once for each key, and none for a key whose writer is not known", async () => {
  const world = createMemoryWorld({ url: `${PAGE}/` });
  const { server } = world;
  server.put("key", '{"cart":["tea","cake"],"user_id":123}');
  world.setCookies([fillCookie({ value: "key" })]);
  const models = openPanel(world);
  await pass(world, 1000);
  world.request({ id: "r", url: `${PAGE}/enter/`, traceId: TRACE });
  server.trace({
    id: TRACE,
    before: { ...SIDE, dataJson: '{"cart":["nuts","figs"]}' },
    after: { ...SIDE, dataJson: '{"cart":["tea","cake"],"user_id":123}' },
    changes: [
      { key: "cart", kind: "changed", writer: "mysite/views.py:12" },
      { key: "user_id", kind: "added" },
    ],
  });
  await pass(world, 1000);
  models.view.select("r");
  await turns();
  fireEvent.click(screen.getByRole("tab", { name: "Changes" }));
  await turns();
  const rows = within(screen.getByRole("region", { name: "Changes" })).getAllByRole("row");
  expect(rows.slice(1).map((row) => row.textContent)).toEqual([
    "+ user_id–123",
    '~ cart[0]mysite/views.py:12"nuts""tea"',
    '~ cart[1]"figs""cake"',
  ]);
  expect(screen.getAllByTitle("Written by mysite/views.py:12")).toHaveLength(1);
});
