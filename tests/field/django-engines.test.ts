/** A real Django site of each kind of engine, and the real manage.py session_bridge: one story through pipe and channel. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Command, startCommand } from "../django-package/command.ts";
import { createProject, type Project, type Site, serveProject } from "../django-package/site.ts";
import { hasDjango } from "../interop/django-packages.ts";
import { call, readCookie, readTraceId, readTraces } from "../sources/panel-client.ts";

const URLS = `
from django.http import HttpResponse
from django.urls import path

def buy(request):
    request.session["cart"] = request.session.get("cart", []) + ["boots"]
    return HttpResponse("bought")

def show(request):
    return HttpResponse(",".join(request.session.get("cart", [])))

urlpatterns = [path("buy/", buy), path("show/", show)]
`;

const FILE_CACHE = `
import os
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": os.path.join(BASE_DIR, "cache")}}
`;

const there = await hasDjango("5.2");

const ENGINES = [
  { engine: "db", settings: "" },
  { engine: "cache", settings: FILE_CACHE },
  { engine: "cached_db", settings: FILE_CACHE },
  { engine: "file", settings: 'SESSION_FILE_PATH = os.environ["XDG_RUNTIME_DIR"]\n' },
];

describe.skipIf(!there).each(ENGINES)("a site with the engine $engine", ({ engine, settings }) => {
  const story = useSite(engine, settings);

  it("is traced, read and edited, and Django shows the edit in its next response", async () => {
    const { base, url } = story();
    const { cookie, id } = await buy(url);
    const [trace] = await readTraces(base, [cookie], (all) => all.length > 0);
    expect(trace).toMatchObject({
      id,
      newKey: true,
      changes: [{ key: "cart", kind: "added", writer: "mysite/urls.py:6" }],
    });
    const ifVersion = await version(base, cookie, '{"cart":["boots"]}');
    const operations = [{ op: "set" as const, path: ["cart"], valueJson: '["hat"]' }];
    const edited = await call(base, "edit", { protocol: 1, cookie, operations, ifVersion });
    expect(edited.status).toBe(200);
    expect(await show(url, cookie)).toBe("hat");
    expect((await call(base, "edit", { protocol: 1, cookie, operations, ifVersion })).status).toBe(409);
  });

  it("gets a new key, is flushed, and put back", async () => {
    const { base, url } = story();
    const { cookie } = await buy(url);
    const cycled = await call(base, "cycle", {
      protocol: 1,
      cookie,
      ifVersion: await version(base, cookie),
    });
    const fresh = cycled.answer.cookie ?? "";
    expect([await show(url, cookie), await show(url, fresh)]).toEqual(["", "boots"]);
    const flushed = await call(base, "flush", {
      ...{ protocol: 1, cookie: fresh, ifVersion: await version(base, fresh) },
    });
    expect(await show(url, fresh)).toBe("");
    const { kept } = flushed.answer;
    const restored = await call(base, "restore", { protocol: 1, cookie: fresh, kept, replaces: null });
    expect(restored.status).toBe(200);
    expect(await show(url, fresh)).toBe("boots");
  });
});

describe.skipIf(!there)("a site whose cookies carry the session", () => {
  const story = useSite("signed_cookies", "");

  it("is traced and read, and not edited", async () => {
    const { base, url } = story();
    const { cookie, id } = await buy(url);
    // two visits in one second have the same cookie
    const traces = await readTraces(base, [cookie], (all) => all.some((one) => one.id === id));
    expect(traces.at(-1)).toMatchObject({ id, after: { dataJson: '{"cart":["boots"]}' } });
    const ifVersion = await version(base, cookie, '{"cart":["boots"]}');
    const refused = await call(base, "flush", { protocol: 1, cookie, ifVersion });
    expect(refused.answer).toMatchObject({ code: "capability" });
    const forged = await call(base, "session", { protocol: 1, cookie: `${cookie}x` });
    expect(forged.answer).toMatchObject({ found: false, reason: "tampered" });
  });
});

/** Starts site and command for the tests of a `describe`. */
function useSite(engine: string, settings: string): () => { base: string; url: string } {
  let project: Project;
  let site: Site;
  let command: Command;
  beforeAll(async () => {
    const imported = `import os\n${settings}`;
    project = await createProject({
      ...{ series: "5.2", engine, settings: imported, files: { "mysite/urls.py": URLS } },
    });
    site = await serveProject(project);
    command = await startCommand(site);
    // the site looks for the bridge at most once a second
    await vi.waitFor(async () => expect((await buy(site.url)).id).not.toBe(""), { timeout: 10_000 });
  }, 120_000);
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(command.output());
  });
  afterAll(async () => {
    await command?.stop();
    await site?.stop();
    await project?.remove();
  });
  return () => ({ base: `http://127.0.0.1:${command.port}`, url: site.url });
}

async function buy(url: string): Promise<{ cookie: string; id: string }> {
  const response = await fetch(`${url}/buy/`);
  return { cookie: readCookie(response, "sessionid"), id: readTraceId(response) };
}

async function show(url: string, cookie: string): Promise<string> {
  return (await fetch(`${url}/show/`, { headers: { Cookie: `sessionid=${cookie}` } })).text();
}

/** The session's version, once it is found; it has this data. */
async function version(base: string, cookie: string, json?: string): Promise<string> {
  const { answer } = await call(base, "session", { protocol: 1, cookie });
  if (!answer.found) throw new Error(`no session: ${answer.reason}`);
  if (json !== undefined) expect(answer.session.dataJson).toBe(json);
  return answer.session.version;
}
