/** The stock site of these tests: each server serves it, with the package and without. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCommand } from "../django-package/command.ts";
import {
  ADMIN,
  createProject,
  type Project,
  type SiteServer,
  serveProject,
  startSite,
} from "../django-package/site.ts";
import { hasDjango } from "../interop/django-packages.ts";

const SERVERS: readonly SiteServer[] = ["runserver", "gunicorn", "uvicorn", "daphne"];

for (const series of ["3.2", "5.2"] as const) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`A stock site, Django ${series}`, () => {
    let project: Project;
    beforeAll(async () => {
      project = await createProject({ series });
    });
    afterAll(() => project.remove());

    it.each(SERVERS)("with the package is served by %s, and its admin logs in", async (server) => {
      const site = await serveProject(project, { server });
      try {
        expect(await logIn(site.url)).toBe(302);
      } finally {
        await site.stop();
      }
    });

    it("has the package's app and middleware", async () => {
      const ask =
        "from django.conf import settings; print(settings.INSTALLED_APPS[-1], settings.MIDDLEWARE[0])";
      const { output } = await project.python(["manage.py", "shell", "-c", ask]);
      expect(output).toContain("session_bridge session_bridge.middleware.SessionBridgeMiddleware");
    });

    it("names its traces as long as the command runs, and is served again on the same port", async () => {
      const site = await serveProject(project, { server: "gunicorn" });
      const readHeader = async () => (await fetch(`${site.url}/admin/login/`)).headers.get("Session-Trace");
      const header = () => expect.poll(readHeader, { timeout: 10_000 });
      try {
        expect(await readHeader()).toBeNull();
        const command = await startCommand(site);
        try {
          const named = new RegExp(`^v=1;id=[\\w-]{22};at=${command.port}$`);
          await header().toMatch(named);
          await site.restart();
          await header().toMatch(named);
        } finally {
          await command.stop();
        }
        expect(await command.ended).toBe(0);
        await header().toBeNull();
      } finally {
        await site.stop();
      }
    }, 60_000);

    it("without the package is Django's own", async () => {
      const site = await startSite({ series, withPackage: false });
      try {
        expect((await site.python(["-c", "import session_bridge"])).output).toContain("ModuleNotFoundError");
        expect(await logIn(site.url)).toBe(302);
      } finally {
        await site.stop();
      }
    }, 60_000);
  });
}

/** The status of the answer to the admin's login form. */
async function logIn(url: string): Promise<number> {
  const page = await fetch(`${url}/admin/login/`);
  const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(await page.text())?.[1] ?? "";
  const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const body = new URLSearchParams({ ...ADMIN, csrfmiddlewaretoken: token, next: "/admin/" });
  const response = await fetch(`${url}/admin/login/`, {
    method: "POST",
    body,
    headers: { Cookie: cookie },
    redirect: "manual",
  });
  return response.status;
}
