/** The example on SvelteKit, in development and in production, each on a copy of its folder. */
import { join } from "node:path";
import { run } from "../../scripts/machine/program.ts";
import { findPort, type Program, startProgram } from "../setups/program.ts";
import { APPS, copyApp } from "./app-copy.ts";

const VITE = join(APPS, "node_modules/vite/bin/vite.js");

/** A running app. */
export interface SvelteApp {
  /** `http://localhost:5173`, without a slash at the end. */
  url: string;
  /** What Vite and the app printed until now. */
  output(): string;
  /** Ends it, and deletes the copy. */
  stop(): Promise<void>;
}

interface SvelteOptions {
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
  /** Changes the copy before it is started. */
  prepare?(folder: string): Promise<void>;
}

/** Starts `vite dev`. */
export function startSvelteDev(options: SvelteOptions = {}): Promise<SvelteApp> {
  return startIn(options, async (folder, env) => {
    const program = await startProgram([process.execPath, VITE, "dev", "--port", "0"], {
      cwd: folder,
      env: { ...env, NODE_ENV: "development" },
      said: /Local:\s+http:\/\/localhost:(\d+)/,
    });
    return { program, port: program.found };
  });
}

/** Runs `vite build`, then the server that it has built. */
export function startSvelteProduction(options: SvelteOptions = {}): Promise<SvelteApp> {
  return startIn(options, async (folder, given) => {
    const port = String(await findPort());
    const own = { NODE_ENV: "production", HOST: "localhost", PORT: port, ORIGIN: `http://localhost:${port}` };
    const env = { ...given, ...own };
    const built = await run(process.execPath, [VITE, "build"], { cwd: folder, env });
    if (built.code !== 0) throw new Error(`vite build failed:\n${built.output}`);
    const start = [process.execPath, "build"];
    const program = await startProgram(start, { cwd: folder, env, said: /Listening on/ });
    return { program, port };
  });
}

type Start = (folder: string, env: Record<string, string>) => Promise<{ program: Program; port: string }>;

async function startIn({ env = {}, prepare }: SvelteOptions, start: Start): Promise<SvelteApp> {
  const { folder, remove } = await copyApp("examples/sveltekit");
  try {
    await prepare?.(folder);
    const plain = { NO_COLOR: "1", FORCE_COLOR: "0", NODE_OPTIONS: "", ...env };
    const { program, port } = await start(folder, plain);
    return {
      url: `http://localhost:${port}`,
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
