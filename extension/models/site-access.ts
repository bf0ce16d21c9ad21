/**
 * What the options page knows and can do: hosts that the extension may read, requesting one more, withdrawing one, the way back
 * to the tab that asked, and resetting preferences.
 */
import { type Signal, signal } from "@preact/signals";
import { toHostPattern } from "../messages/host-pattern.ts";
import { readOptionsHash } from "../messages/options-address.ts";

/** The part of `browser` that this needs. */
export interface OptionsApi {
  permissions: {
    getAll(): Promise<{ origins?: string[] | undefined }>;
    request(permissions: { origins: string[] }): Promise<boolean>;
    remove(permissions: { origins: string[] }): Promise<boolean>;
    onAdded: { addListener(listener: () => void): void };
    onRemoved: { addListener(listener: () => void): void };
  };
  tabs: {
    update(tabId: number, properties: { active: boolean }): Promise<unknown>;
    getCurrent(): Promise<{ id?: number | undefined } | undefined>;
    remove(tabId: number): Promise<void>;
  };
  storage: { local: { remove(key: string): Promise<void> } };
}

/** What the options page shows, and its buttons. */
export interface SiteAccess {
  /** Host patterns that the extension may read, as the browser spells them. */
  hosts: Signal<string[]>;
  /** What happened last, for the status line. */
  said: Signal<string>;
  /** The origin that the panel asked for, until it is allowed. */
  wanted: Signal<string | null>;
  /** Goes to the tab that asked and closes this page; null if no tab did. */
  goBack: (() => Promise<void>) | null;
  /** Asks the browser, which asks the user. Call it directly from a click. */
  allow(origin: string): Promise<void>;
  withdraw(pattern: string): Promise<void>;
  resetPreferences(): Promise<void>;
}

/**
 * Reads which hosts are allowed, and keeps listening.
 *
 * @param hash `#origin=…&tab=…`, as the panel opens this page; empty if the user opened it
 */
export function createSiteAccess({ permissions, tabs, storage }: OptionsApi, hash: string): SiteAccess {
  const { origin, tabId } = readOptionsHash(hash);
  const hosts = signal<string[]>([]);
  const said = signal("");
  const wanted = signal(origin !== null && toHostPattern(origin) !== null ? origin : null);

  async function refresh(): Promise<void> {
    hosts.value = ((await permissions.getAll()).origins ?? []).toSorted();
  }
  permissions.onAdded.addListener(refresh);
  permissions.onRemoved.addListener(refresh);
  void refresh();

  return {
    hosts,
    said,
    wanted,
    goBack: tabId === null ? null : () => leave(tabs, tabId),
    async allow(site) {
      const pattern = toHostPattern(site.includes("://") ? site : `http://${site}`);
      if (pattern === null) {
        said.value = `"${site}" is not a host. Write one like app.test.`;
        return;
      }
      const given = await permissions.request({ origins: [pattern] });
      said.value = given
        ? `The panel may now read ${pattern}`
        : `Nothing changed: ${pattern} was not allowed.`;
      if (given) wanted.value = null;
    },
    async withdraw(pattern) {
      const taken = await permissions.remove({ origins: [pattern] }).catch(() => false);
      said.value = taken
        ? `The panel may no longer read ${pattern}`
        : `${pattern} came with the extension. Withdraw it in the browser's list of extensions.`;
    },
    async resetPreferences() {
      await storage.local.remove("preferences");
      said.value = "The panel starts with its defaults the next time it opens.";
    },
  };
}

async function leave(tabs: OptionsApi["tabs"], tabId: number): Promise<void> {
  const own = await tabs.getCurrent();
  await tabs.update(tabId, { active: true });
  if (own?.id !== undefined) await tabs.remove(own.id);
}
