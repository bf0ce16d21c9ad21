/** Narrows a stage's driver to Chromium's, which these scenarios need. */
import type { BrowserDriver } from "../driver.ts";
import type { ChromiumDriver } from "../drivers/chromium.ts";

export function asChromium(driver: BrowserDriver): ChromiumDriver {
  if (!isChromium(driver)) throw new Error(`[e2e] these scenarios need Chromium, not ${driver.version}`);
  return driver;
}

function isChromium(driver: BrowserDriver): driver is ChromiumDriver {
  return driver.name === "chromium";
}
