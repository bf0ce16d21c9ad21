/**
 * What a scenario can do in any browser: the only interface that `scenarios/` and `npm start` use.
 *
 * `drivers/chromium.ts` and `drivers/firefox.ts` implement it, with the real DevTools and the built extension.
 * Waiting is up to the scenario (`expect.poll`); a driver's action waits only for its own target, at most 15 s.
 */

/** What can be passed between a scenario and a page. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** Finds elements as people do: by role and accessible name. Hidden elements do not count. */
export interface Target {
  /** ARIA role, explicit or the element's own: `button`, `row`, `option`, `treegrid`, … */
  role: string;
  /** Contained in the accessible name, ignoring case and runs of white space. Absent: any name. */
  name?: string;
  /** True: `name` is the whole accessible name, and its case matters. */
  exact?: boolean;
  /** Contained in the element's text, ignoring case and runs of white space. */
  text?: string;
  /** Searches only inside the first element that this target finds. */
  within?: Target;
}

export interface ClickOptions {
  double?: boolean;
  button?: "left" | "right";
  modifiers?: ("Shift" | "Control")[];
}

/** A document that scenarios work in: a page of the site, or the panel. */
export interface Surface {
  /** Runs a function that uses nothing from outside itself except `argument`; awaits promises. Throws what it throws. */
  evaluate<A extends Plain, R extends Plain | undefined>(
    run: (argument: A) => R | Promise<R>,
    argument: A,
  ): Promise<R>;
  /** Text of every element found, in document order, white space collapsed to single spaces. Does not wait. */
  texts(target: Target): Promise<string[]>;
  /** An attribute of every element found, in document order; null where it is absent. Does not wait. */
  attributes(target: Target, name: string): Promise<(string | null)[]>;
  /** Waits for the first element found, scrolls to it and clicks it with a trusted event. */
  click(target: Target, options?: ClickOptions): Promise<void>;
  /** Waits for a field and replaces its value with `text`, with trusted or `input` events; in a list, chooses that option. */
  fill(target: Target, text: string): Promise<void>;
  /** Sends a key or chord in Playwright's notation (`Enter`, `ArrowDown`, `Shift+Tab`, `Control+f`, `a`), to the focused element. */
  press(keys: string): Promise<void>;
  /** Writes a PNG of this document only. */
  screenshot(path: string): Promise<void>;
}

/** A tab of the browser. */
export interface SitePage extends Surface {
  /** Opens an address and waits for `load`. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  url(): Promise<string>;
  /** Brings the tab to the front of its window. */
  show(): Promise<void>;
  /** Opens DevTools on this tab without showing our panel: the browser's first tool is in front. */
  openTools(): Promise<Tools>;
  /** Closes the tab and its DevTools. */
  close(): Promise<void>;
}

/** The DevTools of one tab. */
export interface Tools {
  /** Chooses the Sessions tab and waits until the panel has rendered its toolbar. */
  showPanel(): Promise<Surface>;
  /** Chooses one of the browser's tools, so that ours is hidden but alive. */
  hidePanel(): Promise<void>;
  /** Writes a PNG of DevTools, with the page next to it if the browser can do that. */
  screenshot(path: string): Promise<void>;
  /** Docks DevTools elsewhere. The panel's document may be reloaded, so call `showPanel` again. */
  dock(where: Dock): Promise<void>;
  close(): Promise<void>;
}

export type Dock = "bottom" | "right" | "window";
export type Theme = "light" | "dark";

/** A cookie as the browser's extension API returns it. */
export interface BrowserCookie {
  name: string;
  value: string;
  domain: string;
  path: string;
  httpOnly: boolean;
  secure: boolean;
  hostOnly: boolean;
  /** The API's value: `unspecified`, `lax`, `strict`, `no_restriction`. */
  sameSite: string;
  /** Site of the cookie's partition; null if it has none. */
  partition: string | null;
  /** Seconds since 1970 with fraction, or null for a cookie that ends when the browser closes. */
  expirationDate: number | null;
}

/** A running browser with the extension installed, on its own profile. */
export interface BrowserDriver {
  readonly name: "chromium" | "firefox";
  /** `Chromium 156.0.…`, for reports. */
  readonly version: string;
  newPage(): Promise<SitePage>;
  /**
   * A tab in a private window, which has a separate cookie jar. Allows the extension there first, as the user would in the
   * browser's settings; in Chromium that closes every page of the extension.
   */
  newPrivatePage(): Promise<SitePage>;
  /** The tab or window that an action of a page opens. Waits for it. */
  pageOpenedBy(act: () => Promise<unknown>): Promise<SitePage>;
  /** Cookies of the ordinary jar: of every partition that can be sent to `url`, read with the extension's `cookies` permission. */
  cookies(url: string): Promise<BrowserCookie[]>;
  /** Empties the cookie jar. */
  clearCookies(): Promise<void>;
  /** Origin of another extension that was loaded with ours, by its folder. */
  originOf(folder: string): Promise<string>;
  /** Ends the extension's background now, as the browser does when it is idle; the next event starts it again. */
  stopWorker(): Promise<void>;
  /** Replaces the running extension, as an update does, whatever pages of it are open. Resolves when the new one runs. */
  update(): Promise<void>;
  /** Withdraws the extension's access to a host, or grants it again, as the user would in the browser's settings. */
  setAccess(host: string, allowed: boolean): Promise<void>;
  /** Uncaught errors and `console.error` calls of the extension's pages and background since the start, one line each. */
  errors(): string[];
  /** Folder of the profile; `close` deletes it. */
  readonly profile: string;
  /** Quits as a user does and starts again on the same profile, with the extension. All pages are gone. */
  restart(): Promise<void>;
  /** Resolves when the browser has ended, whether `close` or the user ended it. */
  whenClosed(): Promise<void>;
  /** Quits. No process of the browser keeps running, and the profile is deleted. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Absolute folder of the built extension, `.output/chrome-mv3` or `.output/firefox-mv3`. */
  extension: string;
  /** Folders of other unpacked extensions to load with ours. */
  others?: string[];
  /** False shows a window. Default true. */
  headless?: boolean;
  /** DevTools' theme, default light. */
  theme?: Theme;
  /** Where DevTools opens, default bottom. */
  dock?: Dock;
  /** Window size in CSS pixels, default 1280 × 900. */
  size?: { width: number; height: number };
  /** Host names to resolve to loopback, e.g. `app.test`. `localhost` and `*.localhost` always do. */
  hosts?: string[];
  /** Path of the browser's executable. Default: the driver looks for it. */
  executable?: string;
}

/** Starts a browser. If there is none, throws one sentence with the remedy. */
export type StartBrowser = (options: StartOptions) => Promise<BrowserDriver>;
