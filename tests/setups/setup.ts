/** What a set-up is, and how the parts of one are started and stopped together. */
import { join } from "node:path";
import { HERE, makeFolder, startProgram } from "./program.ts";

/** A running set-up. */
export interface Setup {
  /** Where a browser opens the page, without a slash at the end. */
  pageUrl: string;
  /** The port on which the app itself listens, in a container on the container's address. */
  appPort: number;
  /** What the app printed until now. */
  appOutput(): string;
  /** Starts the app again on its port, with these lines in its environment; what is in front of it stays. */
  restart(lines: readonly string[]): Promise<void>;
  /** Kills every process and deletes every folder. */
  stop(): Promise<void>;
}

/** How the app is started. */
export interface AppOptions {
  /** Address to listen on. Default: 127.0.0.1. */
  host?: string;
  /** Default: one that the system chooses. */
  port?: number;
  /** File with key and certificate. Absent: http. */
  tls?: string;
  /** Options of `openBridge`. */
  bridge?: { hosts?: string[]; allowRemote?: boolean; allowEdit?: boolean };
  token?: string;
  /** Name of the user who logs in. Default: ada. */
  name?: string;
  /** True: the app on express-session, started with `--import session-bridge/register`. */
  isExpressSession?: boolean;
  /** Words in front of the command, such as `ip netns exec …`. */
  within?: readonly string[];
}

/** Starts the app alone, under `localhost`. */
export async function startApp(options: AppOptions = {}): Promise<Setup> {
  const { host = "127.0.0.1", port = 0, tls, bridge = {}, token, name = "ada", within = [] } = options;
  const env = {
    NODE_ENV: "development",
    PORT: String(port),
    HOST: host,
    NAME: name,
    BRIDGE: JSON.stringify(bridge),
    SESSION_BRIDGE_TOKEN: token ?? "",
    ...(tls === undefined ? {} : { TLS: tls }),
  };
  const register = options.isExpressSession === true ? ["--import", "session-bridge/register"] : [];
  const file = options.isExpressSession === true ? "app/express-session.mjs" : "app/server.ts";
  const node = [process.execPath, "--no-warnings", "--conditions=sessions-source", ...register];
  const begin = (more: Record<string, string>) =>
    startProgram([...within, ...node, join(HERE, file)], {
      cwd: HERE,
      env: { ...env, ...more },
      said: /^port (\d+)$/m,
    });
  let program = await begin({});
  const appPort = Number(program.found);
  return {
    pageUrl: `${tls === undefined ? "http" : "https"}://localhost:${appPort}`,
    appPort,
    appOutput: () => program.output(),
    async restart(lines) {
      await program.stop();
      const pairs = lines.map((line) => [
        line.slice(0, line.indexOf("=")),
        line.slice(line.indexOf("=") + 1),
      ]);
      program = await begin({ ...Object.fromEntries(pairs), PORT: String(appPort) });
    },
    stop: () => program.stop(),
  };
}

/** What stands in front of an app: its address, and its end. */
export interface Front {
  pageUrl: string;
  stop(): Promise<void>;
}

/** Starts an app, and what stands in front of it in a folder that is deleted at the end. */
export async function startInFront(
  options: AppOptions,
  start: (appPort: number, folder: string) => Promise<Front>,
  under?: string,
): Promise<Setup> {
  const app = await startApp(options);
  const { folder, remove } = makeFolder(under);
  try {
    const front = await start(app.appPort, folder);
    return {
      ...app,
      pageUrl: front.pageUrl,
      async stop() {
        await front.stop();
        await app.stop();
        remove();
      },
    };
  } catch (error) {
    await app.stop();
    remove();
    throw error;
  }
}
