/**
 * Finds a Chromium that loads unpacked extensions from the command line, or installs one.
 *
 * Google Chrome itself does not qualify: since version 137 it ignores `--load-extension`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright";
import { canInstall, installPackages } from "./apt.ts";
import { Failure } from "./failure.ts";
import { ROOT, run, which } from "./program.ts";

/** Names and places of Chromium and Chrome for Testing, most wanted first. */
const PROGRAMS = ["chromium", "chromium-browser", "chrome-for-testing", "google-chrome-for-testing"];
const PLACES = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
];

/** Path of a Chromium that starts on this machine, or null. `CHROMIUM_PATH` is asked first. */
export async function findChromium(): Promise<string | null> {
  const named = process.env["CHROMIUM_PATH"];
  if (named) {
    if (await starts(named)) return named;
    throw new Failure(`CHROMIUM_PATH names ${named}, which does not start. Correct it, or unset it.`);
  }
  for (const candidate of [...(await onPath()), ...PLACES, playwrightsOwn()]) {
    if (existsSync(candidate) && (await starts(candidate))) return candidate;
  }
  return null;
}

/** The same, but installs one where there is none: Debian's as root, else Playwright's own. Throws a `Failure`. */
export async function ensureChromium(): Promise<string> {
  const found = await findChromium();
  if (found !== null) return found;
  const complaint = (await canInstall()) ? await installDebians() : await installPlaywrights();
  const installed = await findChromium();
  if (installed !== null) return installed;
  throw new Failure(
    `There is no Chromium here, and installing one failed (${complaint ?? "it does not start"}). ` +
      "Install Chromium or Chrome for Testing by hand and run this again, or name its program in CHROMIUM_PATH.",
  );
}

async function installDebians(): Promise<string | null> {
  return await installPackages(
    ["chromium", "fonts-dejavu-core"],
    "no Chromium was found, and the extension needs one",
  );
}

async function installPlaywrights(): Promise<string | null> {
  console.log("Downloading Playwright's Chromium, because no Chromium was found. This happens once.");
  const cli = join(ROOT, "node_modules", "playwright", "cli.js");
  const ended = await run(process.execPath, [cli, "install", "chromium"], { show: true });
  return ended.code === 0 ? null : "its download failed";
}

async function onPath(): Promise<string[]> {
  const found = await Promise.all(PROGRAMS.map(which));
  return found.filter((path) => path !== null);
}

function playwrightsOwn(): string {
  return chromium.executablePath();
}

/** Libraries may be missing, so seeing the file is not enough. */
async function starts(path: string): Promise<boolean> {
  return (await run(path, ["--version"], { timeoutMs: 20_000 })).code === 0;
}
