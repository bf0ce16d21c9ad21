/** Apps that one file of Node serves, each on a copy of its folder and on a free port. */
import { findPort, startProgram } from "../setups/program.ts";
import { copyApp } from "./app-copy.ts";

/** A running app. */
export interface NodeApp {
  /** `http://localhost:3000`, without a slash at the end. */
  url: string;
  /** What it printed until now. */
  output(): string;
  /** Ends it, and deletes the copy. */
  stop(): Promise<void>;
}

interface NodeOptions {
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
  /** Changes the copy before it is started. */
  prepare?(folder: string): Promise<void>;
}

/** Starts `server.js` of an app. @param app path of the app's folder from the repository's root */
export async function startNodeApp(app: string, { env = {}, prepare }: NodeOptions = {}): Promise<NodeApp> {
  const { folder, remove } = await copyApp(app);
  try {
    await prepare?.(folder);
    const program = await startProgram([process.execPath, "server.js"], {
      cwd: folder,
      env: {
        NODE_ENV: "development",
        NODE_OPTIONS: "",
        NODE_NO_WARNINGS: "1",
        PORT: String(await findPort()),
        ...env,
      },
      said: /is on http:\/\/localhost:(\d+)/,
    });
    const stop = () => program.stop().then(remove);
    return { url: `http://localhost:${program.found}`, output: program.output, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
