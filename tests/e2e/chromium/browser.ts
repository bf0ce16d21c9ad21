/** The driver of a stage as what it is in these scenarios: Chromium. */
import type { BrowserDriver } from "../driver.ts";
import type { ChromiumDriver } from "../drivers/chromium.ts";

export function asChromium(driver: BrowserDriver): ChromiumDriver {
  if (!isChromium(driver)) throw new Error(`[e2e] these scenarios need Chromium, not ${driver.version}`);
  return driver;
}

function isChromium(driver: BrowserDriver): driver is ChromiumDriver {
  return driver.name === "chromium";
}
