/** Access to a site: asked in Chrome's panel, asked on the options page in Firefox, and given back there. */
import { describe, expect, it } from "vitest";
import { toHostPattern } from "../../../extension/messages/host-pattern.ts";
import { createSiteAccess, type OptionsApi } from "../../../extension/models/site-access.ts";
import { createPermissionsPort } from "../../../extension/ports/access.ts";

const ORIGIN = "http://app.test:8000";

describe("the pattern asked for", () => {
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

describe("the panel's wish for access", () => {
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

  it("is put to the user at once where the panel may ask", async () => {
    const { asked, port } = open(true);
    expect(await port.request(ORIGIN)).toBe("granted");
    expect(asked).toEqual([{ origins: ["*://app.test/*"] }]);
    expect(await open(false).port.request(ORIGIN)).toBe("denied");
  });

  it("opens the options page where it may not", async () => {
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

  it("asks for the origin that the panel came with, and no longer once it is allowed", async () => {
    const { access, did } = open(hash);
    expect(access.wanted.value).toBe(ORIGIN);
    await access.allow(ORIGIN);
    expect(did).toEqual(["ask *://app.test/*"]);
    expect(access.wanted.value).toBeNull();
    expect(access.said.value).toContain("may now read *://app.test/*");
  });

  it("keeps asking when the user refused", async () => {
    const { access } = open(hash, false);
    await access.allow(ORIGIN);
    expect(access.wanted.value).toBe(ORIGIN);
    expect(access.said.value).toContain("was not allowed");
  });

  it("leads back to the tab that asked, and closes itself", async () => {
    const { access, did } = open(hash);
    await access.goBack?.();
    expect(did).toEqual(["show 7", "close 99"]);
  });

  it.each(["", "#origin=javascript:alert(1)&tab=x", "#origin=chrome://settings", "#<script>"])(
    "opened with %j asks for nothing and leads nowhere",
    (bad) => {
      const { access } = open(bad);
      expect(access.wanted.value).toBeNull();
      expect(access.goBack).toBeNull();
    },
  );

  it("takes a host by its name, and says what is none", async () => {
    const { access, did } = open("");
    await access.allow("app.test");
    await access.allow("not a host");
    expect(did).toEqual(["ask *://app.test/*"]);
    expect(access.said.value).toBe('"not a host" is no host. Write one like app.test.');
  });

  it("gives a host back, and says where the browser keeps those that came with the extension", async () => {
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
