/** The inspected tab and its DevTools, where the two browsers differ. */
import { describe, expect, it } from "vitest";
import type { NetworkRequest } from "../../../extension/messages/network-request.ts";
import { ClosedPageError, type Evaluate } from "../../../extension/ports/evaluate.ts";
import { createTabPort, type DevtoolsApi, toNetworkFilter } from "../../../extension/ports/tab.ts";

const request = { method: "POST", url: "http://app.test/login?a=b%20c", status: 302 } as NetworkRequest; // the fields that count

function open(
  panels: DevtoolsApi["panels"],
  evaluate: Evaluate = async () => "http://app.test/",
  known: string | null = "http://known.test/",
) {
  let reloads = 0;
  const inspectedWindow = { tabId: 7, eval: async () => null, reload: () => void reloads++ };
  const tab = createTabPort({
    devtools: { inspectedWindow, panels },
    ask: async ({ ask }) => (ask === "page-address" ? known : null),
    evaluate,
    watchVisible: () => () => {},
    watchPage: () => () => {},
  });
  return { tab, reloads: () => reloads };
}

describe("the theme", () => {
  it.each([
    ["default", "light"],
    ["light", "light"],
    ["dark", "dark"],
    ["firebug", null],
    [undefined, null],
  ])("%s is %s", (themeName, theme) => {
    expect(open(themeName === undefined ? {} : { themeName }).tab.theme()).toBe(theme);
  });

  it.each(["Chrome's handler", "Firefox's event"])("is reported when it changes (%s)", (way) => {
    const change: ((name: string) => void)[] = [];
    const add = (listener: (name: string) => void) => void change.push(listener);
    const { tab } = open(
      way === "Chrome's handler" ? { setThemeChangeHandler: add } : { onThemeChanged: { addListener: add } },
    );
    const seen: string[] = [];
    const stop = tab.watchTheme((theme) => seen.push(theme));
    change[0]?.("dark");
    change[0]?.("something else");
    stop();
    change[0]?.("default");
    expect(seen).toEqual(["dark"]);
  });
});

describe("the page", () => {
  it("has the address that the browser reports, whatever the page claims (T36)", async () => {
    let asked = 0;
    const lying: Evaluate = async () => {
      asked += 1;
      return "http://victim.test/";
    };
    expect(await open({}, lying).tab.address()).toEqual({ by: "browser", url: "http://known.test/" });
    expect(asked).toBe(0);
  });

  it("has its claimed address if the browser does not report it, and none if extensions cannot access it", async () => {
    expect(await open({}, undefined, null).tab.address()).toEqual({ by: "page", url: "http://app.test/" });
    const closed = async () => Promise.reject(new ClosedPageError("closed"));
    expect(await open({}, closed, null).tab.address()).toEqual({ by: "none" });
    const busy = async () => Promise.reject(new Error("no answer"));
    await expect(open({}, busy, null).tab.address()).rejects.toThrow("no answer");
  });

  it("reloads itself, and is reloaded by DevTools if it cannot be reached", async () => {
    const reached = open({});
    reached.tab.reload();
    const closed = open({}, async () => Promise.reject(new ClosedPageError("closed")));
    closed.tab.reload();
    await new Promise((resolve) => setImmediate(resolve));
    expect([reached.reloads(), closed.reloads()]).toEqual([0, 1]);
  });
});

describe("the Network panel", () => {
  it("shows requests like this one if the browser can", async () => {
    const shown: unknown[] = [];
    const { tab } = open({ network: { show: (options) => shown.push(options) } });
    await tab.showInNetwork?.(request);
    expect(shown).toEqual([{ filter: toNetworkFilter(request) }]);
    expect(toNetworkFilter(request)).toBe("method:POST status-code:302 url:http://app.test/login?a=b%20c");
  });

  it("is not offered if the browser cannot", () => {
    expect(open({}).tab.showInNetwork).toBeUndefined();
  });
});
