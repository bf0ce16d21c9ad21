/** A real Django site that reports its requests, and `session-bridge django --settings` next to it, on its own table. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ROOT } from "../../../scripts/machine/program.ts";
import { type BackgroundProgram, startInBackground } from "../../django-package/background-program.ts";
import { ADMIN, createProject, type Project, type Site, serveProject } from "../../django-package/site.ts";
import { hasDjango, PYTHON } from "../../interop/django-packages.ts";
import { call, readCookie, readTraceId, readTraces } from "../panel-client.ts";

const VIEWS = `
from django.http import HttpResponse
from django.urls import include, path
from django.contrib import admin

def buy(request):
    request.session["cart"] = request.session.get("cart", []) + ["boots"]
    return HttpResponse("bought")

urlpatterns = [path("buy/", buy), path("admin/", admin.site.urls)]
`;

const there = await hasDjango("5.2");

describe.skipIf(!there)("session-bridge django --settings next to a site that reports", () => {
  let project: Project;
  let site: Site;
  let bridge: BackgroundProgram;
  let base = "";

  const start = (more: readonly string[] = []) =>
    startInBackground(
      `${ROOT}/node_modules/.bin/node`,
      [
        ...["--conditions=sessions-source", "--disable-warning=ExperimentalWarning"],
        ...[`${ROOT}/server-bridge/src/cli/main.ts`, "django", "--settings", "mysite.settings"],
        ...["--python", PYTHON, "--for", site.url, ...more],
      ],
      {
        cwd: project.folder,
        env: project.environment,
        isReady: async (output) => / on port \d+/.test(output),
      },
    );

  beforeAll(async () => {
    project = await createProject({ series: "5.2", files: { "mysite/urls.py": VIEWS } });
    site = await serveProject(project);
    bridge = await start();
    base = `http://127.0.0.1:${/ on port (\d+)/.exec(bridge.output())?.[1]}`;
    // the site looks for the bridge at most once a second
    await vi.waitFor(async () => expect(readTraceId(await fetch(`${site.url}/buy/`))).not.toBe(""), {
      timeout: 10_000,
    });
  }, 120_000);
  afterAll(async () => {
    await bridge?.stop();
    await site?.stop();
    await project?.remove();
  });

  it("has traces, and edits the table", async () => {
    const { answer } = await call(base, "hello", { protocol: 1 });
    expect(answer.capabilities).toEqual(expect.arrayContaining(["traces", "edit", "conflicts"]));
    expect(bridge.output()).toContain("tracing Django's sessions");
  });

  it("shows what a request did, with its id, its line of code and its operations", async () => {
    const response = await fetch(`${site.url}/buy/`);
    const cookie = readCookie(response, "sessionid");
    const [trace] = await readTraces(base, [cookie], (all) => all.length === 1);
    expect(trace).toMatchObject({
      id: readTraceId(response),
      request: { method: "GET", path: "/buy/", status: 200 },
      before: null,
      newKey: true,
      changes: [{ key: "cart", kind: "added", writer: "mysite/urls.py:7" }],
      cookie: { name: "sessionid", action: "set", maxAge: 1_209_600 },
    });
    expect(trace?.operations.map(({ name }) => name)).toContain("create");
    const read = await call(base, "session", { protocol: 1, cookie });
    expect(read.answer).toMatchObject({ found: true, session: { dataJson: '{"cart":["boots"]}' } });
    expect(read.answer).toMatchObject({ session: { keyId: trace?.after?.keyId } });
  });

  it("joins the admin's login to the session before it", async () => {
    const page = await fetch(`${site.url}/admin/login/`, { headers: { Cookie: await buy() } });
    const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(await page.text())?.[1] ?? "";
    const before = await buy();
    const response = await fetch(`${site.url}/admin/login/`, {
      method: "POST",
      body: new URLSearchParams({ ...ADMIN, csrfmiddlewaretoken: token, next: "/admin/" }),
      headers: { Cookie: `csrftoken=${readCookie(page, "csrftoken")}; ${before}` },
      redirect: "manual",
    });
    const after = readCookie(response, "sessionid");
    expect(after).not.toBe("");
    const id = readTraceId(response);
    const traces = await readTraces(base, [before.split("=")[1] ?? ""], (all) =>
      all.some((one) => one.id === id),
    );
    const login = traces.find((one) => one.id === id);
    expect(login).toMatchObject({ newKey: true, request: { method: "POST", status: 302 } });
    expect(login?.changes.map(({ key }) => key)).toContain("_auth_user_id");
    expect(login?.operations).toContainEqual(expect.objectContaining({ name: "cycle" }));
  });

  it("cannot be started a second time, because the site has one channel", async () => {
    await expect(start()).rejects.toThrow("another session-bridge already runs for this site");
  });

  async function buy(): Promise<string> {
    return `sessionid=${readCookie(await fetch(`${site.url}/buy/`), "sessionid")}`;
  }
});
