/**
 * What a scenario asks of a browser, whichever it is: the only words that `scenarios/` and `npm start` use.
 *
 * `drivers/chromium.ts` and `drivers/firefox.ts` make it real, on the real DevTools with the built extension.
 * Waiting is the scenario's (`expect.poll`); a driver's action waits for its own target only, at most 15 s.
 */

/** What can pass between a scenario and a page. */
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** Finds elements as people do: by role and accessible name. Hidden elements do not count. */
export interface Target {
  /** ARIA role, explicit or the element's own: `button`, `row`, `option`, `treegrid`, … */
  role: string;
  /** Contained in the accessible name, case and runs of white space aside. Absent: any name. */
  name?: string;
  /** True: `name` is the whole accessible name, case included. */
  exact?: boolean;
  /** Contained in the element's text, case and runs of white space aside. */
  text?: string;
  /** Only inside the first element that this finds. */
  within?: Target;
}

export interface ClickOptions {
  double?: boolean;
  button?: "left" | "right";
  modifiers?: ("Shift" | "Control")[];
}

/** A document that scenarios act in: a page of the site, or the panel. */
export interface Surface {
  /** Runs a function that needs nothing from outside itself but `argument`; awaits promises. Throws what it throws. */
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
  /** Waits for a field and replaces what it holds by `text`, with trusted or `input` events; of a list, chooses that. */
  fill(target: Target, text: string): Promise<void>;
  /** A key or chord in Playwright's words (`Enter`, `ArrowDown`, `Shift+Tab`, `Control+f`, `a`), to what has the focus. */
  press(keys: string): Promise<void>;
  /** Writes a PNG of this document alone. */
  screenshot(path: string): Promise<void>;
}

/** A tab of the browser. */
export interface SitePage extends Surface {
  /** Goes to an address and waits for `load`. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  url(): Promise<string>;
  /** Brings the tab to the front of its window. */
  show(): Promise<void>;
  /** Opens DevTools on this tab, without showing our panel: its first tool is the browser's own. */
  openTools(): Promise<Tools>;
  /** Closes the tab, and its DevTools with it. */
  close(): Promise<void>;
}

/** The DevTools of one tab. */
export interface Tools {
  /** Chooses the Sessions tab and waits until the panel has rendered its toolbar. */
  showPanel(): Promise<Surface>;
  /** Chooses a tool of the browser's own, so that ours is hidden but alive. */
  hidePanel(): Promise<void>;
  /** Writes a PNG of DevTools, with the page beside it where the browser can. */
  screenshot(path: string): Promise<void>;
  /** Moves DevTools elsewhere; the panel's document may be reloaded, so ask `showPanel` again. */
  dock(where: Dock): Promise<void>;
  close(): Promise<void>;
}

export type Dock = "bottom" | "right" | "window";
export type Theme = "light" | "dark";

/** A cookie as the browser's own extension API tells it. */
export interface BrowserCookie {
  name: string;
  value: string;
  domain: string;
  path: string;
  httpOnly: boolean;
  secure: boolean;
  hostOnly: boolean;
  /** The API's word: `unspecified`, `lax`, `strict`, `no_restriction`. */
  sameSite: string;
  /** Site of the partition that it lives in; null outside of partitions. */
  partition: string | null;
  /** Seconds since 1970 with fraction, or null for a cookie that ends with the browser. */
  expirationDate: number | null;
}

/** A running browser with the extension in it, on a profile of its own. */
export interface BrowserDriver {
  readonly name: "chromium" | "firefox";
  /** `Chromium 156.0.…`, for reports. */
  readonly version: string;
  newPage(): Promise<SitePage>;
  /** Cookies of every jar partition that `url` can be sent, through the extension's own `cookies` permission. */
  cookies(url: string): Promise<BrowserCookie[]>;
  /** Empties the cookie jar. */
  clearCookies(): Promise<void>;
  /** Origin of an extension that was loaded beside ours, by its folder. */
  originOf(folder: string): Promise<string>;
  /** Ends the extension's background at once, as idleness would; the next event starts it anew. */
  stopWorker(): Promise<void>;
  /** Takes a host from the extension, or gives it back, as the user would in the browser's own settings. */
  setAccess(host: string, allowed: boolean): Promise<void>;
  /** Uncaught errors and `console.error` of the extension's own pages and background since the start, one line each. */
  errors(): string[];
  /** Folder of its profile, deleted by `close`. */
  readonly profile: string;
  /** Quits as a user does and starts again on the same profile, extension included. All pages are gone. */
  restart(): Promise<void>;
  /** Resolves when the browser has ended, by `close` or by its user. */
  whenClosed(): Promise<void>;
  /** Quits; nothing of the browser is left running, the profile is deleted. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Absolute folder of the built extension, `.output/chrome-mv3` or `.output/firefox-mv3`. */
  extension: string;
  /** Folders of other unpacked extensions to load beside ours. */
  beside?: string[];
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
  /** Path of the browser's program; default: the driver looks for it. */
  executable?: string;
}

/** Starts a browser. Throws one sentence with the remedy when none can be had. */
export type StartBrowser = (options: StartOptions) => Promise<BrowserDriver>;
