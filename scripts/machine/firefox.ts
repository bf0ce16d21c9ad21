/** Finds Firefox, or installs Debian's. */
import { findFirefox } from "../../tests/e2e/drivers/firefox-process.ts";
import { canInstall, installPackages } from "./apt.ts";
import { Failure } from "./failure.ts";

/** Path of a Firefox; installs one as root of a Debian. Throws a `Failure` where none can be had. */
export async function ensureFirefox(): Promise<string> {
  const found = findFirefox();
  if (found !== null) return found;
  const complaint = (await canInstall())
    ? await installPackages(["firefox-esr", "fonts-dejavu-core"], "no Firefox was found")
    : "only root of a Debian can install one from here";
  const installed = findFirefox();
  if (installed !== null) return installed;
  throw new Failure(
    `There is no Firefox here (${complaint ?? "its installation left no program"}). ` +
      "Install Firefox by hand and run this again, or name its program in FIREFOX_PATH.",
  );
}
