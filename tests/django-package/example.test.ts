/** `examples/with-django` as its README starts it with the package: site and bridge in one terminal. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, run } from "../../scripts/machine/program.ts";
import { djangoFolder, hasDjango, PYTHON } from "../interop/django-packages.ts";
import { readTraces } from "../sources/panel-client.ts";
import { type BackgroundProgram, startInBackground } from "./background-program.ts";
import { freePort, PACKAGE_FOLDER } from "./site.ts";
import { headerOf, visit } from "./visitor.ts";

const EXAMPLE = join(ROOT, "examples/with-django");

for (const series of ["3.2", "5.2"] as const) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`the example with the package, Django ${series}`, () => {
    let folder = "";
    let url = "";
    let program: BackgroundProgram;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "django-example-"));
      const port = await freePort();
      url = `http://localhost:${port}`;
      const env = {
        PYTHONPATH: [await djangoFolder(series), PACKAGE_FOLDER].join(delimiter),
        PYTHONDONTWRITEBYTECODE: "1",
        XDG_RUNTIME_DIR: folder,
        EXAMPLE_DATABASE: join(folder, "db.sqlite3"),
      };
      await run(PYTHON, ["manage.py", "migrate", "--verbosity=0"], { cwd: EXAMPLE, env });
      const args = ["-u", "manage.py", "session_bridge", "runserver", "--noreload", String(port)];
      program = await startInBackground(PYTHON, args, {
        cwd: EXAMPLE,
        env,
        isReady: async (output) =>
          /Ctrl-C ends it/.test(output) &&
          (await fetch(url).catch(() => null))?.headers.has("Session-Trace") === true,
      });
    }, 60_000);
    afterAll(async () => {
      await program?.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    it("shows the guide's login: user_id — → 123, a new key, and the line that wrote it", async () => {
      const visitor = visit(url);
      await visitor.get("/");
      const answer = await visitor.post("/login", {});
      expect(answer.status).toBe(302);
      const [, id = "", port = ""] =
        /^v=1;id=([\w-]{22});at=(\d+)$/.exec(headerOf(answer, "Session-Trace") ?? "") ?? [];
      const cookie = visitor.cookies.get("sessionid") ?? "";
      const traces = await readTraces(`http://127.0.0.1:${port}`, [cookie], (all) =>
        all.some((one) => one.id === id),
      );
      const trace = traces.find((one) => one.id === id);
      const views = (await readFile(join(EXAMPLE, "mysite/views.py"), "utf8")).split("\n");
      const lineOf = (text: string) => views.findIndex((line) => line.includes(text)) + 1;
      expect(trace).toMatchObject({
        before: null,
        newKey: true,
        changes: [
          { key: "user_id", kind: "added", writer: `mysite/views.py:${lineOf('"user_id"] = 123')}` },
          { key: "username", kind: "added", writer: `mysite/views.py:${lineOf('"username"] = ')}` },
        ],
      });
      expect(JSON.parse(trace?.after?.dataJson ?? "")).toEqual({ user_id: 123, username: "john_doe" });
      expect((trace?.after?.expiresAt ?? 0) - Date.now()).toBeGreaterThan(3_590_000);
      expect(trace?.cookie?.maxAge).toBe(3600);
    });
  });
}
