/** A Django site of the victim, traced, whose channel is in a folder that works as /tmp does: everyone can make files there. */
import { join } from "node:path";
import { type BackgroundProgram, startInBackground } from "../../django-package/background-program.ts";
import { commandArgs, siteLooks } from "../../django-package/command.ts";
import { createProject, type Project, type Site, serveProject } from "../../django-package/site.ts";
import { urlsOf } from "../../django-package/traced-site.ts";
import { PYTHON } from "../../interop/django-packages.ts";
import { call, readTraces } from "../../sources/panel-client.ts";
import { CANARY, later } from "./scene.ts";
import { makeFolder } from "./users.ts";

const URLS = urlsOf(`
def begin(request):
    request.session["note"] = "${CANARY}"
    return HttpResponse("begun")
`);

/** The victim's site, not yet served. */
export interface DjangoVictim {
  readonly project: Project;
  /** The temporary folder of the machine. */
  readonly shared: string;
  /** Where the channel is, unless `XDG_RUNTIME_DIR` names a better place. */
  readonly folder: string;
  /** The channel's name, which others can compute: it comes from the path of the settings. */
  readonly name: string;
}

/** Creates the site. `environment` is added to that of the site and its command. */
export async function makeDjangoVictim(
  environment: Readonly<Record<string, string>> = {},
): Promise<DjangoVictim> {
  const shared = await makeFolder(0o1777);
  const project = await createProject({
    series: "5.2",
    files: { "mysite/urls.py": URLS },
    environment: { XDG_RUNTIME_DIR: "", TMPDIR: shared, ...environment },
  });
  later(() => project.remove());
  const script = "from session_bridge import place; print(place.name('mysite/settings.py'))";
  const name = (await project.python(["-c", script])).output.trim();
  return { project, shared, folder: join(shared, `session-bridge-${process.getuid?.()}`), name };
}

/** Serves it until the test is over. */
export async function serveDjango({ project }: DjangoVictim): Promise<Site> {
  const site = await serveProject(project);
  later(() => site.stop());
  return site;
}

/** Starts the bridge next to it, until the test is over. */
export async function startBridge(site: Site): Promise<BackgroundProgram & { port: number }> {
  const portIn = (output: string) => Number(/ on port (\d+)/.exec(output)?.[1] ?? 0);
  const program = await startInBackground(PYTHON, commandArgs([site.url]), {
    ...{ cwd: site.folder, env: site.environment },
    isReady: async (output) => portIn(output) > 0,
  });
  later(() => program.stop());
  await siteLooks();
  return { ...program, port: portIn(program.output()) };
}

/** A visit that puts the canary into a session. */
export async function visitDjango({
  url,
}: Site): Promise<{ cookie: string; header: string | null; body: string }> {
  const response = await fetch(`${url}/begin/`);
  const cookie = /^sessionid=([^;]+)/.exec(response.headers.getSetCookie().join("\n"))?.[1] ?? "";
  return { cookie, header: response.headers.get("Session-Trace"), body: await response.text() };
}

/** What the victim's own panel gets of such a visit: its trace and the session, which show that the canary can be read. */
export async function readOwn(site: Site, port: number): Promise<string> {
  const base = `http://127.0.0.1:${port}`;
  const { cookie } = await visitDjango(site);
  const traces = await readTraces(base, [cookie], (all) => all.length > 0);
  return JSON.stringify([traces, (await call(base, "session", { protocol: 1, cookie })).answer]);
}
