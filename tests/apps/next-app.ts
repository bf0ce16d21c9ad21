/** Apps on Next.js, in development and in production, each on a copy of its folder and on a port that the system chooses. */
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { run } from "../../scripts/machine/program.ts";
import { findPort, startProgram } from "../setups/program.ts";
import { APPS, type AppCopy, copyApp } from "./app-copy.ts";

const NEXT = join(APPS, "node_modules/next/dist/bin/next");

/** Where Next says its address. */
const LISTENS = /Local:\s+(https?:\/\/localhost:\d+)/;

/** How an app is started. */
interface NextOptions {
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
  /** Arguments of `next dev` or `next start`; for an app's own server, of Node. */
  args?: readonly string[];
  /** Changes the copy before Next starts in it. */
  prepare?(folder: string): Promise<void>;
}

/** A running app. */
export interface NextApp {
  /** `http://localhost:3000`, without a slash at the end. */
  url: string;
  /** The copy that runs. */
  folder: string;
  /** What Next and the app printed until now. */
  output(): string;
  /** Ends it, and deletes the copy. */
  stop(): Promise<void>;
}

/** Starts `next dev`. @param app path of the app's folder from the repository's root */
export async function startNextDev(app: string, options: NextOptions = {}): Promise<NextApp> {
  const copy = await prepareCopy(app, options);
  return startNext(copy, "dev", "development", options);
}

/** Runs `next build`, then `next start`. @param app path of the app's folder from the repository's root */
export async function startNextProduction(app: string, options: NextOptions = {}): Promise<NextApp> {
  const copy = await prepareCopy(app, options);
  try {
    await buildNext(copy.folder, options.env);
  } catch (error) {
    await copy.remove();
    throw error;
  }
  return startNext(copy, "start", "production", options);
}

/** Starts the app in development in its own server, as Next's documentation has it. */
export async function startOwnServer(app: string, options: NextOptions = {}): Promise<NextApp> {
  const copy = await prepareCopy(app, options);
  const file = join(copy.folder, "server.mjs");
  await writeFile(file, OWN_SERVER);
  return startCommand(copy, [process.execPath, ...(options.args ?? []), file], "development", options);
}

/** Builds with `output: "standalone"`, and starts what that gives. */
export async function startStandalone(app: string, options: NextOptions = {}): Promise<NextApp> {
  const copy = await prepareCopy(app, options);
  await writeFile(join(copy.folder, "next.config.mjs"), 'export default { output: "standalone" };\n');
  try {
    await buildNext(copy.folder, options.env);
    const standalone = join(copy.folder, ".next/standalone");
    const server = join(standalone, relative(APPS, copy.folder), "server.js");
    const env = { ...options.env, PORT: String(await findPort()), HOSTNAME: "localhost" };
    return await startCommand(copy, [process.execPath, server], "production", { env });
  } catch (error) {
    await copy.remove();
    throw error;
  }
}

const OWN_SERVER = `import { createServer } from "node:http";
import next from "next";
const app = next({ dev: true });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer((request, response) => handle(request, response));
server.listen(0, "localhost", () => console.log("- Local: http://localhost:" + server.address().port));
`;

/** Runs `next build` in a copy, and returns what it printed. A build that fails rejects with it. */
export async function buildNext(folder: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const built = await run(process.execPath, [NEXT, "build"], {
    cwd: folder,
    env: environment("production", env),
  });
  if (built.code !== 0) throw new Error(`next build failed:\n${built.output}`);
  return built.output;
}

async function prepareCopy(app: string, { prepare }: NextOptions): Promise<AppCopy> {
  const copy = await copyApp(app);
  await prepare?.(copy.folder);
  return copy;
}

function startNext(
  copy: AppCopy,
  command: "dev" | "start",
  mode: string,
  options: NextOptions,
): Promise<NextApp> {
  const { args = [] } = options;
  const line = [process.execPath, NEXT, command, "-p", "0", "-H", "localhost", ...args];
  return startCommand(copy, line, mode, options);
}

async function startCommand(
  { folder, remove }: AppCopy,
  command: readonly string[],
  mode: string,
  { env = {} }: NextOptions,
): Promise<NextApp> {
  try {
    const program = await startProgram(command, { cwd: folder, env: environment(mode, env), said: LISTENS });
    return {
      url: program.found,
      folder,
      output: program.output,
      async stop() {
        await program.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The environment of a command of Next. */
function environment(mode: string, env: Readonly<Record<string, string>>): Record<string, string> {
  return {
    NODE_ENV: mode,
    NODE_OPTIONS: "",
    NEXT_TELEMETRY_DISABLED: "1",
    SESSION_BRIDGE_TOKEN: "",
    // The copy has no lockfile; without this Next takes the repository's root for the app's.
    NEXT_PRIVATE_OUTPUT_TRACE_ROOT: APPS,
    ...env,
  };
}
