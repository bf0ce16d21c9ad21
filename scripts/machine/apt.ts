/** Installs Debian's packages where that is possible: on a Debian or its kin, as root. Announces what it does. */
import { run, which } from "./program.ts";

let updated = false;

/** True on a machine where `installPackages` can work. */
export async function canInstall(): Promise<boolean> {
  return process.platform === "linux" && process.getuid?.() === 0 && (await which("apt-get")) !== null;
}

/**
 * Installs packages, refreshing the list of packages first.
 *
 * @param why shown to the user: what the packages are for
 * @returns the last lines of apt's complaint, or null when all went well
 */
export async function installPackages(packages: readonly string[], why: string): Promise<string | null> {
  console.log(`Installing ${packages.join(", ")} with apt-get: ${why}. This happens once.`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  if (!updated) {
    const update = await run("apt-get", ["update", "-qq"], { env });
    if (update.code !== 0) return lastLines(update.output);
    updated = true;
  }
  const install = await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], {
    env,
  });
  return install.code === 0 ? null : lastLines(install.output);
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-3).join(" ");
}
