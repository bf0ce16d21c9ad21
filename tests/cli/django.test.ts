/** `session-bridge django` starts with the given options, and says what to give if they are not enough. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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
    untilStopped: async () => {
      await null; // the port is said after that
      await meanwhile(/port (\d+)/.exec(said.join("\n"))?.[1] ?? "");
    },
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
      ["--for", "http://localhost:8000", "--settings", "no.such", "--python", "no-python"],
      {},
      "there is no program no-python",
    ],
    [
      "settings by their module, not their file",
      ["--for", "http://localhost:8000", "--settings", "mysite/settings.py"],
      {},
      "like mysite.settings",
    ],
    [
      "a file in place of a database in memory",
      ["--for", "http://localhost:8000", "--database", "sqlite::memory:"],
      {},
      "in the site's memory",
    ],
    [
      "development",
      ["--for", "http://localhost:8000", "--database", "sqlite:x"],
      { NODE_ENV: "production" },
      "Start it with NODE_ENV=development",
    ],
  ])("asks for %s", async (_, args, environment, words) => {
    const { complained, code } = await run(args, environment);
    expect(complained).toContain(words);
    expect(complained).not.toContain("secret@");
    expect(complained.split("\n")).toHaveLength(1);
    expect(code).toBe(2);
  });

  it.each([
    [
      "a table",
      () => `sqlite:${emptyDatabase()}`,
      "has no table django_session. Run python manage.py migrate.",
    ],
    [
      "the table that it was given",
      () => `sqlite:${emptyDatabase()}`,
      "has no table visitors. Run python manage.py migrate.",
    ],
    [
      "a database that answers",
      () => "postgres://me@127.0.0.1:1/shop",
      "does not answer (ECONNREFUSED). Start it",
    ],
  ])("asks for %s in one line, before the tab reads a session", async (what, address, words) => {
    const named = what === "the table that it was given" ? ["--table", "visitors"] : [];
    const args = ["--for", "http://localhost:8000", "--database", address(), ...named];
    const { complained, said, code } = await run(args, { DJANGO_SECRET_KEY: secretKey });
    expect(complained).toMatch(/^\[session-bridge\] [^\n]*$/);
    expect(complained).toContain(words);
    expect([said, code]).toEqual(["", 1]);
  });
});

describe("an engine other than the database", () => {
  /** A Python that prints these settings, whatever it is asked. */
  const pythonWith = (settings: object): string => {
    const path = join(folder, "python-with-settings");
    const engine = "django.contrib.sessions.backends.cache";
    const json = JSON.stringify({ engine, secretKey, secretKeyFallbacks: [], ...settings });
    writeFileSync(path, `#!/bin/sh\ncat <<'END'\n${json}\nEND\n`, { mode: 0o755 });
    return path;
  };

  it.each([
    [true, "Run python manage.py session_bridge, which asks Django itself."],
    [false, "Add the package django-session-bridge to the site, as docs/django.md"],
  ])("leads to the package's command; the site has it: %s", async (hasCommand, words) => {
    const python = pythonWith({ hasCommand, channel: null });
    const site = ["--for", "http://localhost:8000", "--settings", "mysite.settings"];
    const { complained, code } = await run([...site, "--python", python]);
    expect(complained).toContain("SESSION_ENGINE is django.contrib.sessions.backends.cache");
    expect(complained).toContain(words);
    expect([complained.split("\n").length, code]).toEqual([1, 2]);
  });
});

describe("a site that reports its requests", () => {
  it("has no channel any longer when the command fails", async () => {
    const python = join(folder, "python-of-such-a-site");
    const place = { folder: join(folder, "channel"), name: "0".repeat(32) };
    const engine = "django.contrib.sessions.backends.db";
    const settings = { engine, secretKey, secretKeyFallbacks: [], channel: place };
    writeFileSync(python, `#!/bin/sh\ncat <<'END'\n${JSON.stringify(settings)}\nEND\n`, { mode: 0o755 });
    const site = ["--for", "http://localhost:8000", "--settings", "mysite.settings", "--python", python];
    const { complained } = await run([...site, "--database", "oracle://h/shop"]);
    expect(complained).toContain("oracle: is not a known database");
    expect(readdirSync(place.folder)).toEqual([]);
  });
});

describe("a login that the database refuses", () => {
  const refusing = createServer((socket) => socket.once("data", () => socket.end(REFUSAL)));
  let address = "";
  beforeAll(async () => {
    const { port } = await new Promise<AddressInfo>((resolve) =>
      refusing.listen(0, "127.0.0.1", () => resolve(refusing.address() as AddressInfo)),
    );
    address = `postgres://me@127.0.0.1:${port}/shop`;
  });
  afterAll(() => refusing.close());

  const site = ["--for", "http://localhost:8000"];
  const step = "Set DATABASE_URL to an address with the right user and password";

  it("of --database needs DATABASE_URL in its place, because --database comes before it", async () => {
    const { complained } = await run([...site, "--database", address], { DJANGO_SECRET_KEY: secretKey });
    expect(complained).toContain(`refuses the login (28P01). ${step}, and leave out --database.`);
  });

  it("of DATABASE_URL needs another DATABASE_URL", async () => {
    const { complained } = await run(site, { DJANGO_SECRET_KEY: secretKey, DATABASE_URL: address });
    expect(complained).toMatch(new RegExp(`refuses the login \\(28P01\\)\\. ${step}\\.$`));
  });
});

/** PostgreSQL's ErrorResponse for a wrong password (PostgreSQL's documentation, "Message Formats"). */
const REFUSAL = (() => {
  const fields = "SFATAL\0C28P01\0Mpassword authentication failed\0\0";
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + fields.length);
  return Buffer.concat([Buffer.from("E"), length, Buffer.from(fields)]);
})();

/** An SQLite file without Django's tables. */
function emptyDatabase(): string {
  const path = join(folder, "empty.sqlite3");
  new DatabaseSync(path).exec("CREATE TABLE IF NOT EXISTS other (name TEXT)");
  return path;
}

describe("settings that Python cannot read", () => {
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
      'the settings "mysite.settings" raised ValueError (/site/mysite/settings.py:12)',
    ],
    [
      "a text of several lines",
      `${traceback}\nmysite.Broken: first\nhunter2: second`,
      "raised mysite.Broken (/site/mysite/settings.py:12)",
    ],
    [
      "a module that is missing",
      `${traceback}\nModuleNotFoundError: No module named 'environ'`,
      "the settings import environ (/site/mysite/settings.py:12), which",
    ],
    [
      "a variable that is not set",
      `${traceback}\n  File "<frozen os>", line 679, in __getitem__\nKeyError: 'DATABASE_PASSWORD'`,
      "the environment variable DATABASE_PASSWORD (/site/mysite/settings.py:12). Set it",
    ],
    ["a key that may be a value", `${traceback}\nKeyError: 'hunter2'`, "raised KeyError (/site"],
    ["no traceback at all", "hunter2: command failed", "ended with code 3 before it printed the settings"],
  ])("are reported by %s, and never by the program or its output (T40)", async (_, stderr, words) => {
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

  it("are reported with Python's full output, line by line, only with --verbose", async () => {
    const python = join(folder, "python-that-raises");
    const stderr = `${traceback}\nValueError: invalid literal: 'hunter2'`;
    writeFileSync(python, `#!/bin/sh\ncat >&2 <<'END'\n${stderr}\nEND\nexit 1\n`, { mode: 0o755 });
    const args = ["--for", "http://localhost:8000", "--settings", "mysite.settings", "--python", python];
    const { complained } = await run([...args, "--verbose"]);
    const lines = complained.split("\n");
    for (const line of lines) expect(line).toMatch(/^\[session-bridge\] /);
    expect(complained).toContain("ValueError: invalid literal: 'hunter2'");
    expect(lines.at(-1)).toContain("Correct that; --verbose shows all that Python said.");
  });

  it("are reported without what was printed in their place, and without a missing program (T40)", async () => {
    const python = join(folder, "python-that-chats");
    writeFileSync(python, "#!/bin/sh\necho 'SECRET_KEY=hunter2'\n", { mode: 0o755 });
    const args = ["--for", "http://localhost:8000", "--settings", "mysite.settings", "--python"];
    const chatty = await run([...args, python]);
    expect(chatty.complained).toContain("printed something other than the settings");
    expect(chatty.complained).not.toMatch(/hunter2|import json/);
    const absent = await run([...args, join(folder, "no-python")]);
    expect(absent.complained).toContain("there is no program");
    expect(absent.complained).not.toContain("import json");
  });

  it("are not read with a password in an address's query, and an invalid address is not repeated", async () => {
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
