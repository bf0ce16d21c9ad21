/** The package as users install it: the wheel has the modules and nothing else, and a site starts with it. */
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, run } from "../../scripts/machine/program.ts";
import { unzip } from "../browser-packages/unzip.ts";
import { buildToolsFolder, canHave, hasDjango, PYTHON } from "../interop/django-packages.ts";
import { createProject, PACKAGE_FOLDER } from "./site.ts";

/** What is never a part of the package, also if it lies in its folder. */
const BUILT = /(^|\/)(__pycache__|build|dist|\w+\.egg-info)(\/|$)/;
const MODULE = /^session_bridge\/([a-z_]+\/)*[a-z_]+\.py$/;
const METADATA =
  /^django_session_bridge-[\d.]+\.dist-info\/(METADATA|WHEEL|RECORD|top_level\.txt|(licenses\/)?LICENSE)$/;

const there = await canHave("What builds a wheel", buildToolsFolder);

describe.skipIf(!there)("The wheel of the package", () => {
  let folder: string;
  let wheel: string;
  /** What is in it. */
  let paths: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "django-wheel-"));
    const copy = join(folder, "django-package");
    await cp(PACKAGE_FOLDER, copy, {
      recursive: true,
      filter: (path) => !BUILT.test(path.slice(PACKAGE_FOLDER.length)),
    });
    await python(["-m", "build", "--wheel", "--no-isolation", "--outdir", join(folder, "out"), copy]);
    const [name = "", ...others] = await readdir(join(folder, "out"));
    expect(others).toEqual([]);
    wheel = join(folder, "out", name);
    paths = unzip(wheel, join(folder, "unpacked"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const read = (end: string) =>
    readFile(join(folder, "unpacked", paths.find((path) => path.endsWith(end)) ?? end), "utf8");

  /** Runs Python with the tools, elsewhere than in the checkout. */
  async function python(args: readonly string[]): Promise<void> {
    // the tools' Python has no distutils of its own everywhere
    const env = {
      PYTHONPATH: await buildToolsFolder(),
      SETUPTOOLS_USE_DISTUTILS: "local",
      PYTHONDONTWRITEBYTECODE: "1",
    };
    const ended = await run(PYTHON, args, { cwd: folder, env });
    expect(ended.code, ended.output).toBe(0);
  }

  it("is for every Python 3 and every system", async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, "server-bridge/package.json"), "utf8"));
    expect(wheel).toMatch(new RegExp(`/django_session_bridge-${version}-py3-none-any\\.whl$`));
  });

  it("has each module of the package, the license, and nothing else", async () => {
    const modules = await readdir(join(PACKAGE_FOLDER, "session_bridge"), { recursive: true });
    const wanted = modules.filter((path) => path.endsWith(".py")).map((path) => `session_bridge/${path}`);
    expect(paths.filter((path) => MODULE.test(path)).sort()).toEqual(wanted.sort());
    expect(paths.filter((path) => !MODULE.test(path) && !METADATA.test(path))).toEqual([]);
    expect(await read("/LICENSE")).toBe(await readFile(join(ROOT, "LICENSE"), "utf8"));
  });

  it("says what it needs: Python 3.9, and no other package", async () => {
    const [head] = (await read("/METADATA")).split("\n\n");
    expect(head).toContain("Name: django-session-bridge\n");
    expect(head).toContain("Requires-Python: >=3.9");
    expect(head).not.toContain("Requires-Dist");
  });

  it("is installed by pip into an empty folder, and sites of both Djangos pass their check with it", async () => {
    const target = join(folder, "site");
    const alone = ["--no-index", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"];
    await python(["-m", "pip", "install", ...alone, "--target", target, wheel]);
    for (const series of ["3.2", "5.2"] as const) {
      if (!(await hasDjango(series))) continue;
      const project = await createProject({ series, packageFolder: target });
      try {
        const checked = await project.python(["manage.py", "check"]);
        expect(checked).toMatchObject({ code: 0, output: expect.stringContaining("no issues") });
        const where = "import session_bridge.middleware as m; print(m.__file__)";
        const asked = await project.python(["manage.py", "shell", "-c", where]);
        expect(asked.output).toContain(join(target, "session_bridge/middleware.py"));
        const help = await project.python(["manage.py", "session_bridge", "--help"]);
        expect(help).toMatchObject({ code: 0, output: expect.stringContaining("--for") });
      } finally {
        await project.remove();
      }
    }
  }, 60_000);
});
