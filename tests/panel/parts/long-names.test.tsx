// @vitest-environment happy-dom
/** Long names are shown in two pieces; screen readers are given them whole. */
import { screen } from "@testing-library/preact";
import { expect, it } from "vitest";
import { turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const NAME = "__Secure-better-auth.session_token";
const PATH = "/static/js/vendor/app.js";

it("a cookie and a path that are shortened in the middle have their whole names", async () => {
  const world = createMemoryWorld();
  world.setCookies([fillCookie({ name: NAME })]);
  openPanel(world);
  await turns();
  world.request({ url: `http://localhost:8000${PATH}`, type: "fetch" });
  world.advance(20);
  world.advance(20);
  expect(await screen.findByRole("option", { name: new RegExp(`^${NAME}`) })).toBeDefined();
  expect(await screen.findByRole("gridcell", { name: PATH })).toBeDefined();
});
