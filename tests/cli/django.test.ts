/** `session-bridge django` starts with what it is told, and says what to give when that is not enough. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSessions, database } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../server-bridge/src/cli/commands.ts";
import { call } from "../sources/panel-client.ts";

const folder = mkdtempSync(join(tmpdir(), "sessions-cli-"));
const file = join(folder, "db.sqlite3");
const secretKey = "the secret of a site";

beforeAll(async () => {
  const sessions = createSessions({ secretKey, engine: database(`sqlite:${file}`) });
  await sessions.migrate();
  await sessions.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command until `meanwhile` is done. */
async function run(
  args: string[],
  environment: Record<string, string> = {},
  meanwhile = async (_port: string) => {},
) {
  const said: string[] = [];
  const complained: string[] = [];
  const code = await runCommandLine(["django", ...args], {
    environment,
    readInput: async () => "",
    say: (line) => said.push(line),
    complain: (line) => complained.push(line),
    untilStopped: () => meanwhile(/port (\d+)/.exec(said.join("\n"))?.[1] ?? ""),
  });
  return { said: said.join("\n"), complained: complained.join("\n"), code };
}

describe("session-bridge django", () => {
  it("answers the panel for the site's origin until it is stopped", async () => {
    let answer: unknown;
    let base = "";
    const args = ["--database", `sqlite:${file}`, "--for", "http://localhost:8000/"];
    const { said, code } = await run(args, { DJANGO_SECRET_KEY: secretKey }, async (port) => {
      base = `http://127.0.0.1:${port}`;
      answer = (await call(base, "hello", { protocol: 1 })).answer;
    });
    expect(answer).toMatchObject({ library: { name: "Django" }, serves: ["http://localhost:8000"] });
    expect(said).toContain("http://localhost:8000");
    expect(code).toBe(0);
    await expect(fetch(base)).rejects.toThrow();
  });

  it.each([
    ["the site", ["--database", "sqlite:x"], {}, "--for http://localhost:8000"],
    ["a site that is none", ["--for", "localhost:8000"], {}, "takes the site's address"],
    ["the database", ["--for", "http://localhost:8000"], {}, "--settings mysite.settings"],
    [
      "a file that is not there",
      ["--for", "http://localhost:8000", "--database", "sqlite:no/such"],
      {},
      "There is no file no/such",
    ],
    [
      "the secret",
      ["--for", "http://localhost:8000", "--database", `sqlite:${file}`],
      {},
      "DJANGO_SECRET_KEY is not set",
    ],
    [
      "a password in sight",
      ["--for", "http://localhost:8000", "--database", "postgres://me:secret@h/db"],
      {},
      "DATABASE_URL",
    ],
    [
      "settings that cannot be read",
      ["--for", "http://localhost:8000", "--settings", "no.such"],
      {},
      "could not be read",
    ],
  ])("asks for %s", async (_, args, environment, words) => {
    const { complained, code } = await run(args, environment);
    expect(complained).toContain(words);
    expect(complained).not.toContain("secret@");
    expect(code).toBe(2);
  });
});

describe("settings that Python cannot give", () => {
  const traceback = [
    "Traceback (most recent call last):",
    '  File "<string>", line 6, in <module>',
    '  File "/site/lib/python3/site-packages/django/conf/__init__.py", line 81, in __getattr__',
    '  File "/site/mysite/settings.py", line 12, in <module>',
    "    PASSWORD = int('hunter2')",
    "               ^^^^^^^^^^^^^^",
  ].join("\n");

  it.each([
    [
      "the exception's class and place",
      `${traceback}\nValueError: invalid literal: 'hunter2'`,
      "ValueError at /site/mysite/settings.py:12",
    ],
    [
      "a text of several lines",
      `${traceback}\nmysite.Broken: first\nhunter2: second`,
      "mysite.Broken at /site/mysite/settings.py:12",
    ],
    [
      "a module that is missing",
      `${traceback}\nModuleNotFoundError: No module named 'environ'`,
      "ModuleNotFoundError: No module named 'environ' at",
    ],
    [
      "a variable that is not set",
      `${traceback}\nKeyError: 'DATABASE_PASSWORD'`,
      "KeyError: 'DATABASE_PASSWORD' at",
    ],
    ["a key that may be a value", `${traceback}\nKeyError: 'hunter2'`, "KeyError at /site"],
    ["no traceback at all", "hunter2: command failed", "Python ended with code 3"],
  ])("are told by %s, and never by the program or its words (T40)", async (_, stderr, words) => {
    const python = join(folder, "python-that-fails");
    writeFileSync(python, `#!/bin/sh\ncat >&2 <<'END'\n${stderr}\nEND\nexit 3\n`, { mode: 0o755 });
    const { complained, code } = await run([
      "--for",
      "http://localhost:8000",
      "--settings",
      "mysite.settings",
      "--python",
      python,
    ]);
    expect(code).toBe(2);
    expect(complained).toContain(words);
    expect(complained).not.toMatch(/hunter2|import json|json\.dump/);
    expect(complained.split("\n")).toHaveLength(1);
  });

  it("are told without what was printed in their place, and without a program that is not there (T40)", async () => {
    const python = join(folder, "python-that-chats");
    writeFileSync(python, "#!/bin/sh\necho 'SECRET_KEY=hunter2'\n", { mode: 0o755 });
    const args = ["--for", "http://localhost:8000", "--settings", "mysite.settings", "--python"];
    const chatty = await run([...args, python]);
    expect(chatty.complained).toContain("what was printed is not the settings' JSON");
    expect(chatty.complained).not.toMatch(/hunter2|import json/);
    const absent = await run([...args, join(folder, "no-python")]);
    expect(absent.complained).toContain("there is no such program");
    expect(absent.complained).not.toContain("import json");
  });

  it("are not asked for with a password in an address's query, and an address that is none is not repeated", async () => {
    const hidden = await run([
      "--for",
      "http://localhost:8000",
      "--database",
      "postgres://h/db?user=me&password=hunter2",
    ]);
    const pasted = await run(["--for", "me:hunter2@host"]);
    expect([hidden.code, pasted.code]).toEqual([2, 2]);
    expect(hidden.complained).toContain("DATABASE_URL");
    expect(hidden.complained + pasted.complained).not.toContain("hunter2");
  });
});
