/**
 * A Django project as the README of `examples/with-django` starts it: `manage.py migrate`, `manage.py runserver`, and
 * `session-bridge django`, each as a separate process. Django is Debian's package; the project is unmodified, its database
 * is elsewhere.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, ROOT, run, start } from "../../../scripts/machine/program.ts";
import { freePort } from "../../django-package/site.ts";
import { djangoFolder, PYTHON } from "../../interop/django-packages.ts";

/** A Django site with the bridge next to it. */
export interface DjangoSite {
  /** `http://localhost:8000` */
  readonly url: string;
  /** The bridge's terminal output. */
  bridgeOutput(): string;
  /** Stops both and deletes the database. */
  close(): Promise<void>;
}

/** A project, and how it is told where to put its files. */
export interface DjangoProject {
  /** Path from the repository's root. */
  folder: string;
  settings: string;
  /** Its environment variables, given a folder that is deleted at the end. */
  environment(folder: string): Record<string, string>;
  /** Python that `manage.py shell` runs before the site starts. */
  prepare?: string;
}

const EXAMPLE: DjangoProject = {
  folder: "examples/with-django",
  settings: "mysite.settings",
  environment: (folder) => ({ EXAMPLE_DATABASE: join(folder, "db.sqlite3") }),
};

const STARTED_MS = 40_000;

/** Starts both, and resolves when both respond. */
export async function startDjangoSite(project: DjangoProject = EXAMPLE): Promise<DjangoSite> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-django-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const cwd = join(ROOT, project.folder);
  const extra = {
    ...project.environment(folder),
    PYTHONPATH: await djangoFolder("3.2"),
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const env = environment(extra);
  const endings: (() => Promise<unknown>)[] = [];
  /** Starts a program in the background and waits until its output matches. */
  const begin = async (command: string, args: string[], ready: RegExp): Promise<() => string> => {
    const child = start(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(child, "exit");
    endings.push(() => {
      child.kill("SIGKILL");
      return ended;
    });
    let output = "";
    const said = new Promise<boolean>((resolve) => {
      const listen = (text: unknown) => {
        output += text;
        if (ready.test(output)) resolve(true);
      };
      child.stdout?.on("data", listen);
      child.stderr?.on("data", listen);
      ended.then(() => resolve(false));
      setTimeout(() => resolve(false), STARTED_MS).unref();
    });
    if (!(await said)) throw new Error(`[tests] ${command} ${args.join(" ")} did not start:\n${output}`);
    return () => output;
  };
  const close = async () => {
    for (const end of endings) await end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    const migrated = await run(PYTHON, ["manage.py", "migrate"], { cwd, env: extra });
    if (migrated.code !== 0) throw new Error(`[tests] manage.py migrate failed:\n${migrated.output}`);
    if (project.prepare !== undefined) {
      const prepared = await run(PYTHON, ["manage.py", "shell", "-c", project.prepare], { cwd, env: extra });
      if (prepared.code !== 0) throw new Error(`[tests] manage.py shell failed:\n${prepared.output}`);
    }
    // Without --noreload a second process serves, which would survive the first.
    const serving = begin(
      PYTHON,
      ["-u", "manage.py", "runserver", "--noreload", String(port)],
      /Quit the server/,
    );
    const cli = join(ROOT, "server-bridge/src/cli/main.ts");
    const flags = ["--conditions=sessions-source", "--disable-warning=ExperimentalWarning", cli];
    const asked = ["django", "--settings", project.settings, "--python", PYTHON, "--for", url];
    const bridge = await begin(process.execPath, [...flags, ...asked], /Ctrl-C ends it/);
    await serving;
    await answers(url); // it prints its message before it listens
    return { url, bridgeOutput: bridge, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function answers(url: string): Promise<void> {
  const until = Date.now() + STARTED_MS;
  for (;;) {
    const there = await fetch(url).catch(() => null);
    if (there !== null) return;
    if (Date.now() > until) throw new Error(`[tests] Django does not answer at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
