// @vitest-environment happy-dom
/** The lines of a page without a bridge: for its server, in the chosen language, each with a button that copies it. */
import { fireEvent, render, screen, within } from "@testing-library/preact";
import { expect, it, vi } from "vitest";
import { CopyLines } from "../../../components/notice/CopyLines.tsx";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, type MemoryWorld } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

async function start(server: string[] | undefined) {
  const world = createMemoryWorld({ url: "http://localhost:3000/" });
  world.server.setMood("absent");
  const models = openPanel(world);
  world.request({ url: "http://localhost:3000/", ...(server && { server }) });
  await pass(world, 1000);
  return { world, models };
}

const code = () => [...document.querySelectorAll(".code-line code")].map((each) => each.textContent);
const press = async (name: string): Promise<void> => {
  fireEvent.click(screen.getByRole("button", { name }));
  await turns();
};
const chosen = () =>
  within(screen.getByRole("group", { name: "Language" }))
    .getAllByRole("button", { pressed: true })
    .map((each) => each.textContent);
const kept = ({ preferences }: MemoryWorld) => preferences;

it("are those of the server that answered", async () => {
  await start(["x-powered-by: Express"]);
  expect(screen.getByText(/The server says that it is Express/)).toBeTruthy();
  expect(code().join("\n")).toContain("app.use(openBridge(expressSession({ secret })))");
});

it("are in TypeScript until JavaScript is chosen, which is kept", async () => {
  const { world } = await start(["x-powered-by: Express"]);
  expect(chosen()).toEqual(["TypeScript"]);
  expect(code()[0]).toContain("import { openBridge }");
  await press("JavaScript");
  expect(chosen()).toEqual(["JavaScript"]);
  expect(code()[0]).toContain("require(");
  expect(code()).toHaveLength(2);
  expect(kept(world)).toMatchObject({ codeLanguage: "js" });
});

it("have no choice of language if nothing depends on it", async () => {
  await start(["server: WSGIServer/0.2 CPython/3.12"]);
  expect(screen.queryByRole("group", { name: "Language" })).toBeNull();
  expect(code()).toHaveLength(3);
});

it("have the choice of language above the first line that depends on it", () => {
  const line = (text: string, language?: "ts" | "js") => ({
    text,
    what: text,
    ...(language && { language }),
  });
  const lines = [line("pip"), line("python"), line("import", "ts"), line("require", "js"), line("use")];
  const { unmount } = render(
    <CopyLines lines={lines} language="js" onLanguage={() => {}} onCopy={() => {}} />,
  );
  const parts = [...document.querySelectorAll(".copy-lines > *")].map(
    (part) => part.getAttribute("aria-label") ?? part.querySelector("code")?.textContent,
  );
  expect(parts).toEqual(["pip", "python", "Language", "require", "use"]);
  unmount();
});

it("are copied whole, and what was copied is said", async () => {
  const { models } = await start(["x-powered-by: Express"]);
  const copied = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  await press("Copy the import");
  expect(copied).toHaveBeenLastCalledWith(code()[0]);
  await press("Copy the line");
  expect(copied).toHaveBeenLastCalledWith(code()[1]);
  expect(models.announcer.message.value).toContain("Copied the line");
});

it("there are none for a server that no bridge reads", async () => {
  await start(["x-powered-by: PHP/8.3.1"]);
  expect(screen.getByText(/The server says that it is PHP/)).toBeTruthy();
  expect(code()).toEqual([]);
});
