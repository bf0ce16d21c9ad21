// @vitest-environment happy-dom
/** The import's dialog: a large file is not put into the field, shows its progress, and can be stopped. */
import { fireEvent, screen } from "@testing-library/preact";
import { expect, it } from "vitest";
import { createMemoryWorld, fillRequest } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

/** A panel with a clock on which every slice takes long, so that it draws after each, and waits until it is told to continue. */
function start() {
  let now = Date.UTC(2026, 10, 23);
  const held: (() => void)[] = [];
  const clock = {
    now: () => {
      now += 20;
      return now;
    },
    every: (ms: number, tick: () => void) => {
      if (ms === 1) held.push(tick);
      return () => undefined;
    },
  };
  openPanel(createMemoryWorld({ clock }));
  fireEvent.click(screen.getByRole("button", { name: "Export and import" }));
  const goOn = () => {
    for (const tick of held.splice(0)) tick();
  };
  return { goOn };
}

function historyFile(): File {
  const requests = Array.from({ length: 2_000 }, (_, index) => fillRequest({ id: `r${index}`, at: index }));
  const file = { format: "sessions-devtools-history", version: 1, requests, traces: [], cookies: [] };
  return new File([JSON.stringify(file)], "old.json");
}

async function choose(file: File): Promise<void> {
  fireEvent.change(await screen.findByLabelText("From a file"), { target: { files: [file] } });
}

it("shows the progress of a history and stops on Stop, with nothing changed", async () => {
  const { goOn } = start();
  await choose(historyFile());
  expect(await screen.findByText(/^old\.json: 0\.\d million characters$/)).toBeTruthy();
  expect(screen.queryByLabelText("Text to import")).toBeNull();
  fireEvent.click(await screen.findByRole("button", { name: "Open, read-only" }));
  const bar = await screen.findByRole("progressbar", { name: "Import" });
  const shown: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    shown.push(Number(bar.getAttribute("value")));
    goOn();
    await new Promise((resolve) => setTimeout(resolve));
  }
  expect(shown).toEqual(shown.toSorted((one, other) => one - other));
  fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(await screen.findByText("Stopped. Nothing was changed.")).toBeTruthy();
  expect(screen.queryByRole("progressbar")).toBeNull();
  expect(screen.queryByRole("button", { name: "Close history" })).toBeNull();
});

it("opens it when it is completely read", async () => {
  const { goOn } = start();
  await choose(historyFile());
  fireEvent.click(await screen.findByRole("button", { name: "Open, read-only" }));
  await screen.findByRole("progressbar", { name: "Import" });
  await expect
    .poll(
      () => {
        goOn();
        return screen.queryByRole("button", { name: "Close history" });
      },
      { interval: 1, timeout: 10_000 },
    )
    .not.toBeNull();
});

it("keeps a small file in the field, and can forget a large one", async () => {
  start();
  await choose(historyFile());
  fireEvent.click(await screen.findByRole("button", { name: "Discard" }));
  expect(await screen.findByLabelText("Text to import")).toHaveProperty("value", "");
  await choose(new File(["Cookie: a=1"], "a.txt"));
  expect(await screen.findByRole("button", { name: "Set 1 cookie" })).toBeTruthy();
  expect(screen.getByLabelText("Text to import")).toHaveProperty("value", "Cookie: a=1");
});
