/** Narrows a stage's driver to Firefox's, which these scenarios need. */
import type { BrowserDriver } from "../driver.ts";
import type { FirefoxDriver } from "../drivers/firefox.ts";

export function asFirefox(driver: BrowserDriver): FirefoxDriver {
  if (!isFirefox(driver)) throw new Error(`[e2e] these scenarios need Firefox, not ${driver.version}`);
  return driver;
}

function isFirefox(driver: BrowserDriver): driver is FirefoxDriver {
  return driver.name === "firefox";
}
