/** Settings that cannot be read: each kind of failure has its own next step, by what lies in the folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { quotePath } from "../../../server-bridge/src/sources/django/quote-path.ts";
import { explainFailure } from "../../../server-bridge/src/sources/django/settings-failure.ts";

const IMPORT = '  File "<frozen importlib._bootstrap>", line 1140, in _find_and_load_unlocked';

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sessions-project-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What is said when Python ends with this as the last line of its traceback. */
function explain(
  thrown: string,
  { module = "mysite.settings", python = "python3", directory = folder, frame = IMPORT } = {},
) {
  const stderr = `Traceback (most recent call last):\n${frame}\n${thrown}\n`;
  return explainFailure(Object.assign(new Error("failed"), { code: 1, stderr }), {
    module,
    directory,
    python,
  });
}

function write(path: string, text = ""): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const MANAGE = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev")';
const noModule = (name: string) => `ModuleNotFoundError: No module named '${name}'`;

describe("in the wrong folder", () => {
  it("the folder below, or above, that has a manage.py is named", () => {
    write("shop/manage.py", MANAGE);
    write("shop/static/css/site.css");
    expect(explain(noModule("mysite"))).toMatch(/no manage\.py\. Run this in the project's folder: cd shop$/);
    const below = join(folder, "shop/static");
    expect(explain(noModule("mysite"), { directory: below })).toMatch(/: cd \.\.$/);
  });

  it("a folder whose name a shell would split or expand is quoted", () => {
    write("my $HOME's site/manage.py", MANAGE);
    expect(explain(noModule("mysite"))).toMatch(/: cd 'my \$HOME'\\''s site'$/);
  });

  it("manage.py is asked for when there is none around", () => {
    expect(explain(noModule("mysite"))).toContain(
      "Run this in the folder that holds the project's manage.py.",
    );
  });
});

it("a path in a command is quoted as Windows does it, with its backslashes as they are", () => {
  expect(quotePath("venv\\Scripts\\python.exe", "win32")).toBe("venv\\Scripts\\python.exe");
  expect(quotePath("my site\\venv", "win32")).toBe('"my site\\venv"');
});

describe("in the right folder with another module's name", () => {
  it("the module that manage.py names is given", () => {
    write("manage.py", MANAGE);
    expect(explain(noModule("mysite"))).toContain("pass --settings shop.settings.dev.");
    expect(explain(noModule("shop.settings"), { module: "shop.settings.prod" })).toContain(
      "pass --settings shop.settings.dev.",
    );
  });

  it("a manage.py that names none, or this one, leaves the choice", () => {
    write("manage.py", "execute_from_command_line()");
    expect(explain(noModule("mysite"))).toContain("Pass --settings with the module");
    write("manage.py", MANAGE);
    expect(explain(noModule("shop"), { module: "shop.settings.dev" })).toContain("Pass --settings with");
  });
});

describe("with another Python", () => {
  it("the virtual environment in the folder, or next to it, is named", () => {
    expect(explain(noModule("django"))).toContain("Activate the project's virtual environment");
    write("venv/bin/python");
    expect(explain(noModule("django"))).toBe("python3 has no Django. Pass --python venv/bin/python.");
    write("shop/manage.py");
    expect(explain(noModule("environ"), { directory: join(folder, "shop") })).toMatch(
      /import environ, which python3 does not have\. Pass --python \.\.\/venv\/bin\/python\.$/,
    );
  });

  it("a given path with a space is quoted where it is part of a command", () => {
    write("my shop/venv/bin/python");
    const directory = join(folder, "my shop");
    const python = join(directory, "venv/bin/python");
    expect(explain(noModule("django"), { directory, python })).toContain(
      `Run '${python}' -m pip install django.`,
    );
  });

  it("what is missing there is to be installed when it is the project's Python already", () => {
    write("venv/bin/python");
    expect(explain(noModule("django"), { python: "venv/bin/python" })).toContain(
      "Run venv/bin/python -m pip install django.",
    );
  });

  it.each([
    ["ENOENT", "there is no program python3."],
    ["EACCES", "python3 cannot be started (EACCES)."],
    ["ERR_CHILD_PROCESS_STDIO_MAXBUFFER", "print too much. Pass --database"],
  ])("%s is said", (code, words) => {
    const attempt = { module: "mysite.settings", directory: folder, python: "python3" };
    expect(explainFailure(Object.assign(new Error("failed"), { code }), attempt)).toContain(words);
  });
});

it("a module of the project that the settings import is not taken for a package", () => {
  expect(explain(noModule("mysite.local"))).toContain(
    "which is not there. Add it, or pass another --settings.",
  );
});

describe("a key that is missing", () => {
  const line = '  File "/site/mysite/settings.py", line 12, in <module>\n    NAME = …["DB_NAME"]';
  const thrown = "KeyError: 'DB_NAME'";

  it.each([
    '  File "<frozen os>", line 679, in __getitem__',
    '  File "/usr/lib/python3.10/os.py", line 680, in __getitem__\n    raise KeyError(key) from None',
    '  File "C:\\Python310\\Lib\\os.py", line 680, in __getitem__\n    raise KeyError(key) from None',
  ])("is an environment variable when os.environ raised it: %s", (raised) => {
    expect(explain(thrown, { frame: `${line}\n${raised}` })).toBe(
      "the settings need the environment variable DB_NAME (/site/mysite/settings.py:12). Set it, as for manage.py runserver.",
    );
  });

  it.each(["hunter2", "HUNTER", "Hunter_two", "HUNTER_TWO!"])(
    "is not repeated when it looks unlike a variable's name, even if os.environ raised it: %s",
    (key) => {
      const raised = '  File "<frozen os>", line 679, in __getitem__';
      const told = explain(`KeyError: '${key}'`, { frame: `${line}\n${raised}` });
      expect(told).toContain("raised KeyError (/site/mysite/settings.py:12).");
      expect(told).not.toContain(key);
    },
  );

  it("is not called an environment variable when the project's own dictionary lacks it", () => {
    expect(explain(thrown, { frame: line })).toContain(
      'the settings "mysite.settings" raised KeyError (/site/mysite/settings.py:12). Correct that;',
    );
  });
});

it("settings without a secret key are told so", () => {
  const thrown = "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.";
  expect(explain(thrown)).toContain('the settings "mysite.settings" have no SECRET_KEY.');
});

it("settings that take too long are told by their time", () => {
  const late = Object.assign(new Error("failed"), { killed: true, signal: "SIGTERM", code: null });
  const attempt = { module: "mysite.settings", directory: folder, python: "python3" };
  expect(explainFailure(late, attempt)).toContain("took longer than 30 seconds. Pass --database");
});
