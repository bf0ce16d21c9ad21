/**
 * The inspected tab and DevTools around the panel: address, reload, theme, and the Network panel.
 */

import type { NetworkRequest } from "../messages/network-request.ts";
import type { Ask } from "./ask-background.ts";
import type { Evaluate } from "./evaluate.ts";
import { readUrl } from "./page.ts";
import type { PageAddress, TabPort, ThemeName } from "./ports.ts";

/** The part of `browser.devtools` that this needs. What only one browser has is optional. */
export interface DevtoolsApi {
  inspectedWindow: {
    tabId: number;
    eval(expression: string, options?: { frameURL: string }): Promise<unknown>;
    reload(options?: object): void;
    /** Chrome only. The polyfill leaves it as it is. */
    getResources?: (take: (resources: readonly { url: string; type?: string }[]) => void) => void;
  };
  panels: {
    /** Chrome: `default`, `dark`; Firefox: `light`, `dark`, and whatever old profiles hold. */
    themeName?: string;
    /** Chrome's; it knows one handler. */
    setThemeChangeHandler?: (handler: (name: string) => void) => void;
    /** Firefox's. */
    onThemeChanged?: { addListener(listener: (name: string) => void): void };
    /** Chrome's, since 128. */
    network?: { show?: (options: { filter: string }) => unknown };
  };
}

interface TabParts {
  devtools: DevtoolsApi;
  ask: Ask;
  evaluate: Evaluate;
  /** From the recorder: only the devtools page learns whether the panel is on screen. */
  watchVisible: TabPort["watchVisible"];
  watchPage: NonNullable<TabPort["watchPage"]>;
}

export function createTabPort({ devtools, ask, evaluate, watchVisible, watchPage }: TabParts): TabPort {
  const { inspectedWindow, panels } = devtools;
  const themeListeners = new Set<(theme: ThemeName) => void>();
  const changed = (name: string) => {
    const theme = toTheme(name);
    if (theme) for (const listener of themeListeners) listener(theme);
  };
  if (panels.setThemeChangeHandler) panels.setThemeChangeHandler(changed);
  else panels.onThemeChanged?.addListener(changed);
  const show = panels.network?.show?.bind(panels.network);

  return {
    tabId: inspectedWindow.tabId,
    address: () => readAddress(ask, evaluate, inspectedWindow.tabId),
    // Firefox's own reload does nothing if its `eval` is lost; a page closed to extensions only has that one.
    reload: () => void evaluate("setTimeout(() => location.reload())").catch(() => inspectedWindow.reload()),
    theme: () => toTheme(panels.themeName),
    watchTheme(listener) {
      themeListeners.add(listener);
      return () => themeListeners.delete(listener);
    },
    watchVisible,
    watchPage,
    ...(show && {
      showInNetwork: async (request: NetworkRequest) => {
        await show({ filter: toNetworkFilter(request) });
      },
    }),
  };
}

/** Asks the browser; only if that may not report it, the page itself. */
async function readAddress(ask: Ask, evaluate: Evaluate, tabId: number): Promise<PageAddress> {
  const known = await ask({ ask: "page-address", tabId });
  if (typeof known === "string") return { by: "browser", url: known };
  const url = await readUrl(evaluate);
  return url === null ? { by: "none" } : { by: "page", url };
}

/** The Network panel's filter for requests like this one. Spaces would split it, so they stay encoded. */
export function toNetworkFilter({ method, url, status }: NetworkRequest): string {
  const answered = status === null ? "" : ` status-code:${status}`;
  return `method:${method}${answered} url:${url}`;
}

function toTheme(name: string | undefined): ThemeName | null {
  if (name === "dark") return "dark";
  return name === "default" || name === "light" ? "light" : null;
}
