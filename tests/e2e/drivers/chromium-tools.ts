/** Chromium's DevTools as Playwright sees it: an ordinary page, with our panel as an ordinary frame in it. */
import { writeFile } from "node:fs/promises";
import type { BrowserContext, CDPSession, Frame, Page } from "playwright";
import type { Dock, Surface, Tools } from "../driver.ts";
import { ACTION_MS, createSurface } from "./playwright-surface.ts";

const DOCK_SIDES: Record<Dock, string> = { bottom: "bottom", right: "right", window: "undocked" };

/** Parts of the DevTools front end that we call; they are internal, not a public API. */
interface FrontEnd {
  DevToolsAPI: { showPanel(view: string): void };
}

/** What `openChromiumTools` needs of the browser. */
export interface ChromiumToolsHost {
  context: BrowserContext;
  /** A session of the whole browser. */
  browser: CDPSession;
  extensionId: string;
  /** A page on the extension's origin that runs no code. */
  backRoom(): Promise<Page>;
}

/** Opens DevTools on a tab. Needs `PW_CHROMIUM_ATTACH_TO_OTHER=1`, otherwise the front end never appears as a page. */
export async function openChromiumTools(host: ChromiumToolsHost, page: Page): Promise<Tools> {
  const session = await host.context.newCDPSession(page);
  const { targetInfo } = await session.send("Target.getTargetInfo");
  await session.detach();
  const [front] = await Promise.all([
    host.context.waitForEvent("page", { predicate: (opened) => opened.url().startsWith("devtools://") }),
    host.browser.send("Target.openDevTools", { targetId: targetInfo.targetId }),
  ]);
  await front.getByRole("tab", { name: "Elements", exact: true }).first().waitFor({ timeout: ACTION_MS });
  await waitForOurs(front, host.extensionId);

  return {
    showPanel: () => showPanel(front, host.extensionId),
    async hidePanel() {
      await showView(front, "elements");
    },
    async screenshot(path) {
      await writeFile(path, await composePicture(await host.backRoom(), front, page));
    },
    async dock(where) {
      await front.evaluate(async (side) => {
        // The front end's own module, served by devtools:// to scripts that run there.
        const module: string = "./ui/legacy/legacy.js";
        const legacy = await import(module);
        legacy.DockController.DockController.instance().setDockSide(side);
      }, DOCK_SIDES[where]);
      await settle(page);
    },
    close: () => front.close(),
  };
}

/** Waits until the extension's devtools page has run, which adds our view. Not for long: an extension that has no access adds none. */
async function waitForOurs(front: Page, extensionId: string): Promise<void> {
  const isThere = async (view: string) => {
    // The front end's own module; its tab is hidden under "»" if there is no room for it.
    const module: string = "./ui/legacy/legacy.js";
    const legacy = await import(module);
    return legacy.ViewManager.ViewManager.instance().hasView(view);
  };
  await front
    .waitForFunction(isThere, `chrome-extension://${extensionId}Sessions`, { polling: 50, timeout: 2000 })
    .catch(() => {});
}

async function showPanel(front: Page, extensionId: string): Promise<Surface> {
  const origin = `chrome-extension://${extensionId}`;
  const deadline = Date.now() + ACTION_MS;
  for (;;) {
    // The view is registered some time after the front end starts; until then this does nothing.
    await showView(front, `${origin}Sessions`);
    const frame = front.frames().find((candidate) => candidate.url().startsWith(`${origin}/panel.html`));
    if (frame !== undefined && (await isRendered(frame))) return createSurface(frame, front);
    if (Date.now() > deadline) throw new Error("DevTools shows no Sessions panel with a toolbar after 15 s");
    await front.waitForTimeout(50); // between two checks; the panel or the deadline ends the loop
  }
}

async function showView(front: Page, view: string): Promise<void> {
  // A global of the front end, which a page's types do not include.
  await front.evaluate((id) => (globalThis as unknown as FrontEnd).DevToolsAPI.showPanel(id), view);
}

async function isRendered(frame: Frame): Promise<boolean> {
  try {
    return (await frame.getByRole("toolbar").count()) > 0;
  } catch {
    return false; // the frame was replaced during the check
  }
}

/** Waits until the page has kept its size for 200 ms, at most 3 s. */
async function settle(page: Page): Promise<void> {
  const size = () => page.evaluate(() => `${innerWidth}x${innerHeight}`);
  let last = "";
  for (let tries = 0; tries < 15; tries++) {
    const now = await size();
    if (now === last) return;
    last = now;
    await page.waitForTimeout(200); // the required time without a change
  }
}

/** DevTools' own picture has a hole where the docked page is; the page's picture fits it exactly. */
async function composePicture(room: Page, front: Page, page: Page): Promise<Buffer> {
  const pictures = [await front.screenshot(), await page.screenshot()].map((png) => png.toString("base64"));
  const merged = await room.evaluate(async (layers) => {
    const bitmaps = await Promise.all(
      layers.map(async (layer) => {
        const bytes = Uint8Array.from(atob(layer), (letter) => letter.charCodeAt(0));
        return createImageBitmap(new Blob([bytes], { type: "image/png" }));
      }),
    );
    const [whole] = bitmaps;
    if (whole === undefined) return "";
    const canvas = document.createElement("canvas");
    canvas.width = whole.width;
    canvas.height = whole.height;
    for (const bitmap of bitmaps) canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL("image/png").split(",")[1] ?? "";
  }, pictures);
  return Buffer.from(merged, "base64");
}
