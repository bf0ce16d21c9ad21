/**
 * A stock Django site in a temporary folder: what `django-admin startproject` creates, with quick hashes of passwords, and the package's
 * lines at the end of its settings, migrated, with an administrator, and served as people serve it.
 */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ROOT, run } from "../../scripts/machine/program.ts";
import { type DjangoSeries, daphneFolder, djangoPath, PYTHON } from "../interop/django-packages.ts";
import { type BackgroundProgram, startInBackground } from "./background-program.ts";

/** What serves the site. uvicorn and Daphne serve it by ASGI. `reloading`: runserver as people start it. */
export type SiteServer = "runserver" | "reloading" | "gunicorn" | "uvicorn" | "daphne";

/** How a project differs from the stock one. */
export interface ProjectOptions {
  series: DjangoSeries;
  /** `SESSION_ENGINE`: its last part for Django's own, or the whole module. Default: Django's default, `db`. */
  engine?: string;
  /** Lines of Python at the end of `settings.py`, before the package's. */
  settings?: string;
  /** Files by their path in the project, in place of the stock ones: `mysite/urls.py`, `mysite/views.py`. */
  files?: Readonly<Record<string, string>>;
  /** Whether the site has the package's lines. Default true. */
  withPackage?: boolean;
  /** The folder from which the package is imported. Default: the checkout's; tests of the wheel have another. */
  packageFolder?: string;
  environment?: Readonly<Record<string, string>>;
}

/** How a project is served. */
export interface ServeOptions {
  /** Default `runserver`, without its reloader. */
  server?: SiteServer;
  /** Default: one that is free. */
  port?: number;
}

/** A project, not yet served. */
export interface Project {
  readonly series: DjangoSeries;
  /** The folder with `manage.py`. */
  readonly folder: string;
  /** The folder of channels for this site and its command: `XDG_RUNTIME_DIR`. */
  readonly runtimeFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs Python in the project's folder. */
  python(args: readonly string[]): Promise<{ code: number; output: string }>;
  /** Deletes the project. */
  remove(): Promise<void>;
}

/** A site that is served. */
export interface Site extends Project {
  /** `http://localhost:8000` */
  readonly url: string;
  /** The server's terminal output. */
  output(): string;
  /** Ends the server, starts it again on the same port. */
  restart(): Promise<void>;
  /** Ends the server; of a site of `startSite`, also deletes the project. */
  stop(): Promise<void>;
}

/** The administrator of every site. */
export const ADMIN = { username: "admin", password: "admin-of-a-test" } as const;

/** The package in the checkout. */
export const PACKAGE_FOLDER = join(ROOT, "server-bridge/django-package");

/** The lines that the panel's notice gives for `settings.py`. */
export const PACKAGE_LINES = `
if DEBUG:
    INSTALLED_APPS += ["session_bridge"]
    MIDDLEWARE.insert(0, "session_bridge.middleware.SessionBridgeMiddleware")
`;

/** Creates the project, its tables and its administrator. */
export async function createProject(options: ProjectOptions): Promise<Project> {
  const temporary = await mkdtemp(join(tmpdir(), "django-site-"));
  const [folder, runtimeFolder] = [join(temporary, "site"), join(temporary, "run")];
  await mkdir(folder);
  await mkdir(runtimeFolder, { mode: 0o700 });
  const withPackage = options.withPackage ?? true;
  const path = [
    await djangoPath(options.series),
    ...(withPackage ? [options.packageFolder ?? PACKAGE_FOLDER] : []),
  ];
  const environment = {
    PYTHONPATH: path.join(delimiter),
    PYTHONDONTWRITEBYTECODE: "1",
    XDG_RUNTIME_DIR: runtimeFolder,
    ...options.environment,
  };
  const python = async (args: readonly string[]) => run(PYTHON, args, { cwd: folder, env: environment });
  const remove = () => rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  const must = async (args: readonly string[]) => {
    const { code, output } = await python(args);
    if (code !== 0) throw new Error(`[tests] python3 ${args.join(" ")} failed:\n${output}`);
  };
  try {
    await must(["-m", "django", "startproject", "mysite", "."]);
    await appendFile(join(folder, "mysite/settings.py"), settingsOf(options, withPackage));
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await must(["manage.py", "shell", "-c", PREPARE]);
  } catch (error) {
    await remove();
    throw error;
  }
  return { series: options.series, folder, runtimeFolder, environment, python, remove };
}

/** Serves a project; resolves when it answers. */
export async function serveProject(project: Project, options: ServeOptions = {}): Promise<Site> {
  const { server: kind = "runserver", port = await freePort() } = options;
  const url = `http://localhost:${port}`;
  const path = [
    project.environment["PYTHONPATH"] ?? "",
    ...(kind === "daphne" ? [await daphneFolder()] : []),
  ];
  const serve = () =>
    startInBackground(PYTHON, SERVERS[kind](String(port)), {
      cwd: project.folder,
      env: { ...project.environment, PYTHONPATH: path.join(delimiter) },
      isReady: () => answers(url),
    });
  let server: BackgroundProgram = await serve();
  return {
    ...project,
    url,
    output: () => server.output(),
    async restart() {
      await server.stop();
      server = await serve();
    },
    stop: () => server.stop(),
  };
}

/** Creates a project and serves it; resolves when it answers. */
export async function startSite(options: ProjectOptions & ServeOptions): Promise<Site> {
  const project = await createProject(options);
  try {
    const site = await serveProject(project, options);
    return {
      ...site,
      async stop() {
        await site.stop();
        await project.remove();
      },
    };
  } catch (error) {
    await project.remove();
    throw error;
  }
}

/** A port of this machine on which nothing listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

const SERVERS: Record<SiteServer, (port: string) => string[]> = {
  runserver: (port) => ["-u", "manage.py", "runserver", "--noreload", port],
  reloading: (port) => ["-u", "manage.py", "runserver", port],
  gunicorn: (port) => ["-m", "gunicorn", "--workers=2", `--bind=127.0.0.1:${port}`, "mysite.wsgi"],
  uvicorn: (port) => ["-m", "uvicorn", "--host=127.0.0.1", `--port=${port}`, "mysite.asgi:application"],
  daphne: (port) => ["-m", "daphne", "--bind=127.0.0.1", `--port=${port}`, "mysite.asgi:application"],
};

const PREPARE = `
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
get_user_model().objects.create_superuser("${ADMIN.username}", "admin@example.com", "${ADMIN.password}")
`;

/** A stock site takes half a second of the processor for each password, https://docs.djangoproject.com/en/5.2/topics/testing/overview/#password-hashing */
const QUICK_HASHES = 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]\n';

function settingsOf({ engine, settings = "" }: ProjectOptions, withPackage: boolean): string {
  const module = engine?.includes(".") ? engine : `django.contrib.sessions.backends.${engine}`;
  const engineLine = engine === undefined ? "" : `SESSION_ENGINE = "${module}"\n`;
  return `\n${QUICK_HASHES}${engineLine}${settings}\n${withPackage ? PACKAGE_LINES : ""}`;
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { redirect: "manual" }).catch(() => null);
  await response?.body?.cancel();
  return response !== null;
}
