/** Who gets no answer, and when the package does not start. */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { BRIDGE_PATH } from "session-bridge/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasDjango } from "../interop/django-packages.ts";
import { call } from "../sources/panel-client.ts";
import { createProject, type Project } from "./site.ts";
import { startTracedSite, type TracedSite, urlsOf } from "./traced-site.ts";

const CANARY = "only the tab may see this";
const URLS = urlsOf(`
def begin(request):
    request.session["canary"] = "${CANARY}"
    return HttpResponse("begun")
`);

for (const series of ["3.2", "5.2"] as const) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`A site in production, Django ${series}`, () => {
    let project: Project;
    beforeAll(async () => {
      project = await createProject({ series });
      // after the package's lines: as if they were not under `if DEBUG:`
      await appendFile(join(project.folder, "mysite/settings.py"), "DEBUG = False\n");
    });
    afterAll(() => project?.remove());

    it.each([
      ["its server", ["-c", "import mysite.wsgi"]],
      ["its asynchronous server", ["-c", "import mysite.asgi"]],
      ["a command", ["manage.py", "check"]],
      ["the bridge", ["manage.py", "session_bridge"]],
    ])("with the package does not start: %s says what to do", async (_, args) => {
      const { code, output } = await project.python(args);
      expect(code).not.toBe(0);
      expect(output).toContain("does not start without DEBUG. In the settings, put INSTALLED_APPS +=");
      expect(output).toContain("under if DEBUG:");
    });
  });
}

describe.skipIf(!(await hasDjango("5.2")))("A page", () => {
  let traced: TracedSite;
  beforeAll(async () => {
    traced = await startTracedSite({ series: "5.2", files: { "mysite/urls.py": URLS } });
    await traced.visit("/begin/");
  });
  afterAll(() => traced?.stop());

  /** A call with these headers, with the cookie as proof. */
  async function callWith(name: string, headers: Readonly<Record<string, string>>, method = "POST") {
    const { bridge, cookie } = traced;
    const body = { protocol: 1, cookie, cookies: [cookie], ids: [], since: null, process: null };
    const response = await fetch(bridge + BRIDGE_PATH + name, {
      ...{ method, headers },
      ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  it("would see its session if it were the tab", async () => {
    const { answer } = await call(traced.bridge, "session", { protocol: 1, cookie: traced.cookie });
    expect(answer).toMatchObject({ found: true, session: { dataJson: `{"canary":"${CANARY}"}` } });
  });

  it.each(["hello", "session", "traces", "edit", "flush"])(
    "gets no answer to %s from its bridge",
    async (name) => {
      const json = { "content-type": "application/json" };
      const origins = [traced.site.url, traced.bridge, "https://elsewhere.example", "null"];
      const calls = [
        ...origins.map((origin) => ({ ...json, origin, "sec-fetch-site": "same-site" })),
        json,
        { "content-type": "text/plain", origin: traced.site.url },
      ];
      for (const headers of calls) {
        const { status, headers: answered, text } = await callWith(name, headers);
        expect({ status, text }, JSON.stringify(headers)).toEqual({ status: 404, text: "" });
        expect(answered.get("access-control-allow-origin")).toBeNull();
      }
    },
  );

  it("may not ask whether it might, and gets nothing by GET", async () => {
    const asked = { origin: traced.site.url, "access-control-request-method": "POST" };
    const options = await callWith("session", asked, "OPTIONS");
    expect(options.headers.get("access-control-allow-origin")).toBeNull();
    expect((await callWith("session", {}, "GET")).text).not.toContain(CANARY);
  });
});
