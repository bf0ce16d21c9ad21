/** The browser's own pages: Chrome reports no navigation to them, and no extension may read them. */
import { describe, expect, it } from "vitest";
import { PageAddressModel } from "../../../../extension/models/connection/page-address.ts";
import type { PageAddress, TabPort } from "../../../../extension/ports/ports.ts";

const SITE = "http://localhost:8000/";

/** A tab whose page changes without a reported navigation, as in Chrome when it opens a browser page. */
function openTab() {
  let address: PageAddress = { by: "browser", url: SITE };
  let tell = () => {};
  const tab: Pick<TabPort, "address" | "watchPage"> = {
    address: async () => address,
    watchPage(changed) {
      tell = changed;
      return () => {};
    },
  };
  const clock = { now: () => 0, every: () => () => {} };
  const model = new PageAddressModel({
    // The model uses no more than this of the tab.
    ports: { tab: tab as TabPort, clock: clock as never },
    moved: () => {},
  });
  return {
    model,
    show(next: PageAddress) {
      address = next;
      tell();
    },
  };
}

describe("a tab that goes from a site to a page of the browser", () => {
  it("is no longer said to be on the site", async () => {
    const { model, show } = openTab();
    await model.read();
    expect(model.url.value).toBe(SITE);
    show({ by: "none" });
    await expect.poll(() => model.url.value).toBeNull();
    expect(model.origin.value).toBeNull();
  });

  it("is not said to be unknown in between if the browser names the page", async () => {
    const { model, show } = openTab();
    await model.read();
    show({ by: "none" });
    await expect.poll(() => model.url.value).toBeNull();
    model.navigated("about:license", 1);
    expect(model.url.value).toBeNull();
  });

  it("is on the site again when it comes back", async () => {
    const { model, show } = openTab();
    await model.read();
    show({ by: "none" });
    await expect.poll(() => model.url.value).toBeNull();
    show({ by: "browser", url: SITE });
    await expect.poll(() => model.url.value).toBe(SITE);
  });
});
