/** The driver of a stage as what it is in these scenarios: Firefox. */
import type { BrowserDriver } from "../driver.ts";
import type { FirefoxDriver } from "../drivers/firefox.ts";

export function asFirefox(driver: BrowserDriver): FirefoxDriver {
  if (!isFirefox(driver)) throw new Error(`[e2e] these scenarios need Firefox, not ${driver.version}`);
  return driver;
}

function isFirefox(driver: BrowserDriver): driver is FirefoxDriver {
  return driver.name === "firefox";
}
