/** Runs one of the examples as a separate process, in its own folder: what `npm start` and the tests visit. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "./failure.ts";
import { environment, ROOT, start } from "./program.ts";

/** A running example. */
export interface Site {
  /** `http://localhost:3000`, without a slash at the end. */
  readonly url: string;
  /** What it wrote so far, both streams. */
  output(): string;
  /** Ends the process at once, as a crash would; its folder stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  /** Ends it and deletes its folder. */
  close(): Promise<void>;
}

interface SiteOptions {
  /** 0, the default, lets the system choose. */
  port?: number;
  env?: Record<string, string>;
}

const READY = /http:\/\/localhost:(\d+)/;
const READY_MS = 20_000;
const KEEP_COMPILED = pathToFileURL(join(ROOT, "scripts/machine/keep-compiled.mjs")).href;

/**
 * Starts a server from source and waits until it says its address.
 *
 * @param entry path from the repository's root, `examples/express/server.ts`
 * @throws Failure when its port is taken or it does not start
 */
export async function startSite(entry: string, options: SiteOptions = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-site-"));
  let port = options.port ?? 0;
  let output = "";
  let stop: () => Promise<void> = async () => {};

  const begin = async () => {
    const env = environment({ NODE_ENV: "development", ...options.env, PORT: String(port) });
    const flags = ["--conditions=sessions-source", "--disable-warning=ExperimentalWarning"];
    // Only a run of the tests keeps what is compiled; `npm start` needs no more than one server.
    if (process.env["NODE_COMPILE_CACHE"] !== undefined) flags.push(`--import=${KEEP_COMPILED}`);
    const args = [...flags, join(ROOT, entry)];
    const server = start(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(server, "exit");
    stop = async () => {
      server.kill("SIGKILL");
      await ended;
    };
    const from = output.length;
    const said = new Promise<number | null>((resolve) => {
      const listen = (text: unknown) => {
        output += text;
        const address = READY.exec(output.slice(from));
        if (address !== null) resolve(Number(address[1]));
      };
      server.stdout?.on("data", listen);
      server.stderr?.on("data", listen);
      server.on("exit", () => resolve(null));
      setTimeout(() => resolve(null), READY_MS).unref();
    });
    const found = await said;
    if (found === null) {
      await stop();
      throw notStarted(entry, port, output.slice(from));
    }
    port = found;
  };

  try {
    await begin();
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
  return {
    url: `http://localhost:${port}`,
    output: () => output,
    kill: () => stop(),
    start: begin,
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function notStarted(entry: string, port: number, output: string): Failure {
  if (output.includes("EADDRINUSE")) {
    return new Failure(
      `Port ${port} is taken by another program. Choose another one: PORT=${port + 1} npm start`,
    );
  }
  return new Failure(`${entry} does not start. It said:\n${output.trim() || "nothing"}`);
}
