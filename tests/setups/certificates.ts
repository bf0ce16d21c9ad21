/** A browser that checks certificates, as a user's does, and how a user accepts one that is self-signed. */
import { expect } from "@playwright/test";
import type { BrowserDriver, SitePage } from "../e2e/driver.ts";
import { expectPage, SHOWN_MS } from "../e2e/panel.ts";
import type { Stage } from "../e2e/scenario.ts";

/** A second browser that checks certificates. */
export async function startCareful(stage: Stage): Promise<BrowserDriver> {
  const driver = await stage.startBrowser();
  if (driver.name === "firefox") await checkInFirefox(await driver.newPage());
  return driver;
}

/** Firefox's driver lets it accept every certificate; its own service ends that, which the browser's own pages may call. */
async function checkInFirefox(page: SitePage): Promise<void> {
  await page.goto("about:preferences");
  await page.evaluate(() => {
    const { Cc, Ci } = globalThis as unknown as Privileged;
    Cc["@mozilla.org/security/certoverride;1"]
      .getService(Ci.nsICertOverrideService)
      .setDisableAllSecurityChecksAndLetAttackersInterceptMyData(false);
    return null;
  }, null);
  await page.close();
}

/** What Firefox's own pages have. */
interface Privileged {
  Cc: {
    "@mozilla.org/security/certoverride;1": {
      getService(of: unknown): {
        setDisableAllSecurityChecksAndLetAttackersInterceptMyData(isDisabled: boolean): void;
      };
    };
  };
  Ci: { nsICertOverrideService: unknown };
}

/** Opens an address, and accepts its certificate in the browser's warning. */
export async function acceptCertificate(stage: Stage, driver: BrowserDriver, address: string): Promise<void> {
  const page = await driver.newPage();
  stage.later(() => page.close());
  await page.goto(`${address}/`).catch(() => {}); // Playwright throws: a warning is not the page
  if (driver.name === "chromium") {
    await page.click({ role: "button", name: "Advanced" });
    await page.click({ role: "link", name: "Proceed to localhost" });
  } else {
    await clickInCard(page, "Advanced");
    await clickInCard(page, "Proceed to localhost");
  }
  await expectPage(page, /Log in/);
}

/** Clicks a button of Firefox's warning, which is in a shadow tree, as soon as Firefox enables it. */
async function clickInCard(page: SitePage, text: string): Promise<void> {
  const click = (words: string) => {
    const card = document.querySelector("net-error-card")?.shadowRoot;
    const button = Array.from(card?.querySelectorAll<HTMLButtonElement>("moz-button") ?? []).find(
      (each) => each.textContent?.startsWith(words) && !each.disabled,
    );
    button?.click();
    return button !== undefined;
  };
  const clicked = () => page.evaluate(click, text).catch(() => false); // the warning is being loaded
  await expect.poll(clicked, { message: text, timeout: SHOWN_MS }).toBe(true);
}
