/** Access to a site: requested in Chrome's panel or on Firefox's options page, and withdrawn there. */
import { describe, expect, it } from "vitest";
import { toHostPattern } from "../../../extension/messages/host-pattern.ts";
import { createSiteAccess, type OptionsApi } from "../../../extension/models/site-access.ts";
import { createPermissionsPort } from "../../../extension/ports/access.ts";

const ORIGIN = "http://app.test:8000";

describe("the requested pattern", () => {
  it.each([
    ["https://app.test", "*://app.test/*"],
    ["http://app.test:8000/x", "*://app.test/*"],
    ["http://[::1]:3000", "*://[::1]/*"],
  ])("for %s is %s: both schemes, so that non-Secure cookies are seen", (origin, pattern) => {
    expect(toHostPattern(origin)).toBe(pattern);
  });

  it.each(["chrome://settings", "file:///etc", "about:blank", "moz-extension://x/y", "app.test", ""])(
    "for %j is none",
    (origin) => expect(toHostPattern(origin)).toBeNull(),
  );
});

describe("the panel's request for access", () => {
  function open(reply: boolean | null) {
    const asked: unknown[] = [];
    const port = createPermissionsPort({
      ask: async (question) => void asked.push(question),
      tabId: 7,
      permissions:
        reply === null
          ? undefined
          : {
              async request(wish) {
                asked.push(wish);
                return reply;
              },
            },
      watch: () => () => {},
    });
    return { asked, port };
  }

  it("asks the user immediately if the panel may", async () => {
    const { asked, port } = open(true);
    expect(await port.request(ORIGIN)).toBe("granted");
    expect(asked).toEqual([{ origins: ["*://app.test/*"] }]);
    expect(await open(false).port.request(ORIGIN)).toBe("denied");
  });

  it("opens the options page if it may not", async () => {
    const { asked, port } = open(null);
    expect(await port.request(ORIGIN)).toBe("elsewhere");
    expect(asked).toEqual([{ ask: "open-options", origin: ORIGIN, tabId: 7 }]);
  });
});

describe("the options page", () => {
  function open(hash: string, willing = true) {
    const granted = new Set(["*://localhost/*"]);
    const did: string[] = [];
    const nothing = { addListener: () => {} };
    const api: OptionsApi = {
      permissions: {
        getAll: async () => ({ origins: [...granted] }),
        async request({ origins }) {
          did.push(`ask ${origins}`);
          return willing;
        },
        remove: async ({ origins }) => origins.every((origin) => granted.delete(origin)),
        onAdded: nothing,
        onRemoved: nothing,
      },
      tabs: {
        update: async (tabId) => void did.push(`show ${tabId}`),
        getCurrent: async () => ({ id: 99 }),
        remove: async (tabId) => void did.push(`close ${tabId}`),
      },
      storage: { local: { remove: async (key) => void did.push(`forget ${key}`) } },
    };
    return { access: createSiteAccess(api, hash), did };
  }
  const hash = `#${new URLSearchParams({ origin: ORIGIN, tab: "7" })}`;

  it("requests access to the origin that the panel named, until it is allowed", async () => {
    const { access, did } = open(hash);
    expect(access.wanted.value).toBe(ORIGIN);
    await access.allow(ORIGIN);
    expect(did).toEqual(["ask *://app.test/*"]);
    expect(access.wanted.value).toBeNull();
    expect(access.said.value).toContain("may now read *://app.test/*");
  });

  it("keeps requesting it when the user refused", async () => {
    const { access } = open(hash, false);
    await access.allow(ORIGIN);
    expect(access.wanted.value).toBe(ORIGIN);
    expect(access.said.value).toContain("was not allowed");
  });

  it("returns to the tab that opened it, and closes itself", async () => {
    const { access, did } = open(hash);
    await access.goBack?.();
    expect(did).toEqual(["show 7", "close 99"]);
  });

  it.each(["", "#origin=javascript:alert(1)&tab=x", "#origin=chrome://settings", "#<script>"])(
    "opened with %j requests nothing and offers no way back",
    (bad) => {
      const { access } = open(bad);
      expect(access.wanted.value).toBeNull();
      expect(access.goBack).toBeNull();
    },
  );

  it("accepts a host by its name, and rejects what is not a host", async () => {
    const { access, did } = open("");
    await access.allow("app.test");
    await access.allow("not a host");
    expect(did).toEqual(["ask *://app.test/*"]);
    expect(access.said.value).toBe('"not a host" is not a host. Write one like app.test.');
  });

  it("withdraws a host, and says where to withdraw those that came with the extension", async () => {
    const { access } = open("");
    await access.withdraw("*://localhost/*");
    expect(access.said.value).toContain("may no longer read");
    await access.withdraw("*://127.0.0.1/*");
    expect(access.said.value).toContain("came with the extension");
  });

  it("forgets the preferences", async () => {
    const { access, did } = open("");
    await access.resetPreferences();
    expect(did).toEqual(["forget preferences"]);
  });
});
