/** A Next.js application outside of the repository, with the packed library and without anything else of ours. */
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Program, startProgram } from "../bundles/program.ts";
import { createProject } from "../npm-package/project.ts";

const run = promisify(execFile);

/** What bundles the application. */
export type Bundler = "turbopack" | "webpack";

const HERE = import.meta.dirname;
const NEXT = "node_modules/next/dist/bin/next";
const SECRET_KEY = "only for the tests with Next, fifty characters long";

/** The application's folder, and what can be done there. */
export class NextProject {
  readonly directory: string;
  readonly #remove: () => Promise<void>;

  private constructor(directory: string, remove: () => Promise<void>) {
    this.directory = directory;
    this.#remove = remove;
  }

  /** Packs the library, and puts the application of `app/` and the packages of this folder next to it. */
  static async create(): Promise<NextProject> {
    const { directory, tarball, remove } = await createProject();
    await cp(join(HERE, "app"), directory, { recursive: true });
    const { dependencies } = JSON.parse(await readFile(join(HERE, "package.json"), "utf8"));
    await writeFile(join(directory, "package.json"), JSON.stringify({ private: true, dependencies }));
    await cp(join(HERE, "node_modules"), join(directory, "node_modules"), { recursive: true });
    await run("npm", ["install", tarball, "--prefer-offline", "--no-audit", "--no-fund"], { cwd: directory });
    return new NextProject(directory, remove);
  }

  /** `next build`; returns its output. A build that fails rejects with it. */
  async build(bundler: Bundler, database: string, more: Record<string, string> = {}): Promise<string> {
    await rm(join(this.directory, ".next"), { recursive: true, force: true });
    const env = { PATH: process.env["PATH"], ...environment(database), ...more };
    const options = { cwd: this.directory, env };
    try {
      const { stdout, stderr } = await run(process.execPath, [NEXT, "build", `--${bundler}`], options);
      return stdout + stderr;
    } catch (error) {
      throw new Error(`next build failed:\n${String(Object(error).stdout)}${String(Object(error).stderr)}`);
    }
  }

  /** `next start`. */
  start(database: string): Promise<Program> {
    return startProgram([NEXT, "start", "-p", "0", "-H", "127.0.0.1"], {
      cwd: this.directory,
      env: environment(database),
      said: /Local:\s+http:\/\/127\.0\.0\.1:(\d+)/,
    });
  }

  /** Next's production handler in the application's own server. */
  startOwnServer(database: string): Promise<Program> {
    return startProgram(["server.mjs"], { cwd: this.directory, env: environment(database) });
  }

  /** The output of `output: "standalone"`, copied elsewhere as a deployment does, and started. */
  async startStandalone(database: string): Promise<Program> {
    const deployed = join(this.directory, "../deployed");
    await rm(deployed, { recursive: true, force: true });
    await cp(join(this.directory, ".next/standalone"), deployed, { recursive: true, verbatimSymlinks: true });
    return startProgram([join(deployed, "server.js")], {
      cwd: deployed,
      env: { ...environment(database), PORT: "0", HOSTNAME: "127.0.0.1" },
      said: /Local:\s+http:\/\/127\.0\.0\.1:(\d+)/,
    });
  }

  /** Adds the route that imports `pg` by itself. */
  async addOwnPool(): Promise<void> {
    await mkdir(join(this.directory, "app/own-pool"));
    await cp(join(HERE, "own-pool/route.js"), join(this.directory, "app/own-pool/route.js"));
  }

  /** Removes the driver from the application; returns a function that restores it. */
  async removeDriver(): Promise<() => Promise<void>> {
    const [here, away] = [join(this.directory, "node_modules/pg"), join(this.directory, "../pg-away")];
    await rename(here, away);
    return () => rename(away, here);
  }

  remove(): Promise<void> {
    return this.#remove();
  }
}

function environment(database: string): Record<string, string> {
  return { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", SECRET_KEY, DATABASE: database };
}
