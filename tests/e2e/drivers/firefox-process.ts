/**
 * Firefox as a process: where it is installed, its profile, how it is started with Marionette and ended.
 *
 * What happens inside the browser is in `firefox.ts`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { connectMarionette, type Marionette } from "./marionette.ts";

export interface FirefoxStart {
  /** Directory of the profile; created if it does not exist, and kept afterwards. */
  profile: string;
  /** Preferences in addition to those of every start. */
  preferences?: Record<string, string | number | boolean>;
  /** False shows a window; it needs a display. Default: true. */
  headless?: boolean;
  /** Size of the window in CSS pixels. Default: 1280 × 900. */
  size?: { width: number; height: number };
  /** Path of the executable. Default: looked for. */
  executable?: string;
}

export interface FirefoxProcess {
  marionette: Marionette;
  profile: string;
  /** Closes it as a user does and waits until it has ended. */
  quit(): Promise<void>;
  /** Kills it, as a crash does. */
  kill(): Promise<void>;
  /** Resolves when the process has ended, for any reason. */
  ended: Promise<void>;
}

/** Milliseconds a start may take; a cold start on a busy machine with two cores took 9 s. */
const START_TIMEOUT_MS = 60_000;

/** Quiet, offline, unsigned add-ons allowed. `extensions.webextensions.uuids` is left to the caller. */
const PREFERENCES = {
  "marionette.port": 0,
  "app.update.auto": false,
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.newtabpage.enabled": false,
  // A page in the back-forward cache never reports that it is gone, and a call into it would wait forever.
  "browser.sessionhistory.max_total_viewers": 0,
  "browser.sessionstore.resume_from_crash": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage": "about:blank",
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.tabs.warnOnClose": false,
  "browser.warnOnQuit": false,
  "browser.uitour.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "datareporting.policy.dataSubmissionPolicyBypassNotification": true,
  "devtools.debugger.prompt-connection": false,
  "devtools.everOpened": true,
  "extensions.autoDisableScopes": 0,
  "extensions.getAddons.cache.enabled": false,
  "extensions.update.enabled": false,
  "xpinstall.signatures.required": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.localDomains": "app.test,embed.test,hostile.test",
  "network.proxy.type": 0,
  "privacy.userContext.enabled": true,
  "services.settings.server": "data:,#remote-settings-dummy/v1",
  "toolkit.telemetry.enabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  "ui.prefersReducedMotion": 1,
};

/** The installed Firefox: `FIREFOX_PATH`, otherwise `firefox-esr` or `firefox` on the path. Null when there is none. */
export function findFirefox(): string | null {
  const named = process.env["FIREFOX_PATH"];
  if (named !== undefined && named !== "") return existsSync(named) ? named : null;
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/Applications/Firefox.app/Contents/MacOS",
  ];
  const candidates = ["firefox-esr", "firefox"].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  return candidates.find((path) => existsSync(path)) ?? null;
}

/** Starts Firefox and connects to it. If it does not start, throws with its output. */
export async function launchFirefox(start: FirefoxStart): Promise<FirefoxProcess> {
  const executable = start.executable ?? findFirefox();
  if (executable === null) {
    throw new Error("[e2e] no Firefox found. Install firefox-esr, or set FIREFOX_PATH to the program.");
  }
  const { width, height } = start.size ?? { width: 1280, height: 900 };
  const portFile = join(start.profile, "MarionetteActivePort");
  mkdirSync(start.profile, { recursive: true });
  rmSync(portFile, { force: true });
  writeFileSync(join(start.profile, "user.js"), toUserJs({ ...PREFERENCES, ...start.preferences }));

  const args = ["--no-remote", "--profile", start.profile, "--marionette", "--remote-allow-system-access"];
  args.push(`--width=${width}`, `--height=${height}`, ...(start.headless === false ? [] : ["--headless"]));
  const child = spawn(executable, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      HOME: start.profile,
      MOZ_HEADLESS_WIDTH: String(width),
      MOZ_HEADLESS_HEIGHT: String(height),
      MOZ_CRASHREPORTER_DISABLE: "1",
    },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = () => child.kill("SIGKILL");
  process.once("exit", stop);
  void ended.then(() => process.off("exit", stop));

  const port = await readPort(child, portFile, () => said);
  const marionette = await connectMarionette(port);
  await marionette.send("WebDriver:NewSession", { acceptInsecureCerts: true });
  await marionette.send("Marionette:SetContext", { value: "chrome" });
  await marionette.send("WebDriver:SetTimeouts", { script: 60_000 });
  return {
    marionette,
    profile: start.profile,
    ended,
    quit: () => quit(marionette, child, ended),
    async kill() {
      stop();
      await ended;
      marionette.close();
    },
  };
}

/** Firefox takes a free port and writes it into its profile. */
async function readPort(child: ChildProcess, file: string, said: () => string): Promise<number> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break;
    const port = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
    if (port > 0) return port;
    await wait(25);
  }
  child.kill("SIGKILL");
  throw new Error(`[e2e] Firefox did not come up (exit code ${child.exitCode}). It said: ${said().trim()}`);
}

async function quit(marionette: Marionette, child: ChildProcess, ended: Promise<void>): Promise<void> {
  await marionette.send("Marionette:Quit", { flags: ["eAttemptQuit"] }).catch(() => undefined);
  const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(late);
  marionette.close();
}

function toUserJs(preferences: Record<string, string | number | boolean>): string {
  const line = ([name, value]: [string, string | number | boolean]) =>
    `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`;
  return Object.entries(preferences).map(line).join("");
}
