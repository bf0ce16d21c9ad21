/** Next.js that serves the page and rewrites what it has no page for to the app: `next dev`, and `next build` with `next start`. */
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { installFolder } from "../../scripts/machine/packages.ts";
import { ROOT, run } from "../../scripts/machine/program.ts";
import { HERE, startProgram } from "./program.ts";
import { type AppOptions, type Setup, startInFront } from "./setup.ts";

/** Next is among the packages of `tests/apps`: it is large, and no set-up of `npm test` needs it. */
const APPS = join(ROOT, "tests/apps");
const NEXT = join(APPS, "node_modules/next/dist/bin/next");

/** Where copies of the page are made: above them Next finds its packages. */
const COPIES = join(APPS, "out");

/** `next dev`, as a project has it. */
export function startNextDev(options: AppOptions = {}): Promise<Setup> {
  return startNext(options, "dev", "localhost");
}

/** `next build`, then `next start`. @param host `0.0.0.0`: it answers other machines, too */
export function startNextProduction(options: AppOptions = {}, host = "localhost"): Promise<Setup> {
  return startNext(options, "start", host);
}

async function startNext(options: AppOptions, command: "dev" | "start", host: string): Promise<Setup> {
  await installFolder("tests/apps");
  await mkdir(COPIES, { recursive: true });
  return startInFront(
    options,
    async (appPort, folder) => {
      await cp(join(HERE, "next-app"), folder, { recursive: true });
      const NODE_ENV = command === "dev" ? "development" : "production";
      const env = { NODE_ENV, APP_PORT: String(appPort), NEXT_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "" };
      if (command === "start") {
        const built = await run(process.execPath, [NEXT, "build"], { cwd: folder, env });
        if (built.code !== 0) throw new Error(`next build failed:\n${built.output}`);
      }
      const program = await startProgram([process.execPath, NEXT, command, "-p", "0", "-H", host], {
        cwd: folder,
        env,
        said: /Local:\s+http:\/\/[^:\s]+:(\d+)/,
      });
      return { pageUrl: `http://localhost:${program.found}`, stop: program.stop };
    },
    COPIES,
  );
}
