/** What Chromium does to an installed extension at its settings page: access to hosts and incognito windows, and a reload. */
import type { Page } from "playwright";
import type { ChromiumToolsHost } from "./chromium-tools.ts";
import { ACTION_MS } from "./playwright-surface.ts";

/** The API that chrome://extensions itself calls; it has no types. */
interface ExtensionSettings {
  updateProfileConfiguration(change: { inDeveloperMode: boolean }): Promise<void>;
  getExtensionInfo(id: string): Promise<{ permissions: { runtimeHostPermissions?: HostPermissions } }>;
  updateExtensionConfiguration(change: {
    extensionId: string;
    hostAccess?: string;
    incognitoAccess?: boolean;
  }): Promise<void>;
  addHostPermission(id: string, pattern: string): Promise<void>;
  removeHostPermission(id: string, pattern: string): Promise<void>;
  reload(id: string, options: { failQuietly: boolean }): Promise<unknown>;
}

interface HostPermissions {
  hostAccess: string;
  hosts: { host: string; granted: boolean }[];
}

/** The part of `chrome.windows` that is called in the back room. */
interface WindowsApi {
  create(options: { incognito: boolean; url: string }): Promise<unknown>;
}

/** Withdraws the extension's access to a host or grants it again. */
export async function setAccess(host: ChromiumToolsHost, name: string, allowed: boolean): Promise<void> {
  const page = await openSettings(host);
  await page.evaluate(
    async ({ id, pattern, give }) => {
      const settings = (globalThis as unknown as { chrome: { developerPrivate: ExtensionSettings } }).chrome
        .developerPrivate;
      const before = (await settings.getExtensionInfo(id)).permissions.runtimeHostPermissions;
      if (before === undefined) throw new Error("Chromium does not tell the extension's host permissions");
      await settings.updateExtensionConfiguration({ extensionId: id, hostAccess: "ON_SPECIFIC_SITES" });
      const specific = before.hostAccess === "ON_SPECIFIC_SITES";
      const kept = before.hosts.filter((known) => known.granted || !specific).map((known) => known.host);
      const wanted = new Set(kept);
      if (give) wanted.add(pattern);
      else wanted.delete(pattern);
      for (const one of wanted)
        if (!specific || !kept.includes(one)) await settings.addHostPermission(id, one);
      for (const one of kept) if (specific && !wanted.has(one)) await settings.removeHostPermission(id, one);
    },
    { id: host.extensionId, pattern: `*://${name}/*`, give: allowed },
  );
  await page.close();
}

/** A blank tab in an incognito window. Allowing the extension there reloads it. */
export async function openIncognito(host: ChromiumToolsHost): Promise<Page> {
  const settings = await openSettings(host);
  await settings.evaluate(async (id) => {
    const { developerPrivate } = (
      globalThis as unknown as { chrome: { developerPrivate: ExtensionSettings } }
    ).chrome;
    // Without developer mode, a reloaded unpacked extension is disabled.
    await developerPrivate.updateProfileConfiguration({ inDeveloperMode: true });
    await developerPrivate.updateExtensionConfiguration({ extensionId: id, incognitoAccess: true });
  }, host.extensionId);
  await settings.close();
  const room = await host.backRoom();
  const [page] = await Promise.all([
    host.context.waitForEvent("page", { timeout: ACTION_MS }),
    room.evaluate(() => {
      const { windows } = (globalThis as unknown as { chrome: { windows: WindowsApi } }).chrome;
      return windows.create({ incognito: true, url: "about:blank" });
    }),
  ]);
  return page;
}

/** Reloads the extension, as an update does, and waits until its background runs again. */
export async function reloadExtension(host: ChromiumToolsHost): Promise<void> {
  const settings = await openSettings(host);
  const started = host.context.waitForEvent("serviceworker", { timeout: ACTION_MS });
  await settings.evaluate(async (id) => {
    const { developerPrivate } = (
      globalThis as unknown as { chrome: { developerPrivate: ExtensionSettings } }
    ).chrome;
    await developerPrivate.updateProfileConfiguration({ inDeveloperMode: true });
    await developerPrivate.reload(id, { failQuietly: false });
  }, host.extensionId);
  await started;
  await settings.close();
}

async function openSettings({ context }: ChromiumToolsHost): Promise<Page> {
  const page = await context.newPage();
  await page.goto("chrome://extensions");
  return page;
}
