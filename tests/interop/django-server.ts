/** Starts the Django project of this folder as a separate process and speaks HTTP to it like a browser. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type DjangoSeries, djangoFolder, PYTHON } from "./django-packages.ts";
import type { Service } from "./service.ts";
import { browse } from "./service.ts";

/** Django's entry in `DATABASES`. */
export interface DjangoDatabase {
  ENGINE: string;
  NAME: string;
  HOST?: string;
  PORT?: string;
  USER?: string;
  OPTIONS?: Record<string, string>;
}

export interface DjangoOptions {
  database: DjangoDatabase;
  /** Whether Django creates its table first. */
  migrate?: boolean;
  /** Settings under their Django names. */
  settings?: Record<string, unknown>;
}

export interface DjangoServer extends Service {
  /** The exact version that runs. */
  readonly version: string;
  /** Runs a management command, for instance `clearsessions`. */
  command(name: string): Promise<void>;
}

/** Starts Django and resolves when it listens. */
export async function startDjango(series: DjangoSeries, options: DjangoOptions): Promise<DjangoServer> {
  const folder = await djangoFolder(series);
  const args = [
    join(import.meta.dirname, "django-project/serve.py"),
    ...(options.migrate ? ["migrate"] : []),
  ];
  const child = spawn(PYTHON, args, {
    env: {
      ...process.env,
      PYTHONPATH: folder,
      PYTHONDONTWRITEBYTECODE: "1",
      SESSIONS_DATABASE: JSON.stringify(options.database),
      SESSIONS_SETTINGS: JSON.stringify(options.settings ?? {}),
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (piece) => {
    complaints += piece;
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const first = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    ended.then(() => reject(new Error(`[tests] Django ${series} did not start:\n${complaints}`)));
  });
  const [version = "", port = ""] = first.split(" ");
  const service = browse(`http://127.0.0.1:${port}`, () => complaints);
  return {
    ...service,
    version,
    async command(name) {
      const response = await fetch(`http://127.0.0.1:${port}/command/${name}`);
      if (!response.ok) throw new Error(`[tests] ${name} answered ${response.status}:\n${complaints}`);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
