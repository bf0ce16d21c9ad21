/** The commands of `npx session-bridge`, with a simulated terminal; the program itself is started once. */
import { spawn } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createToken } from "../../server-bridge/src/bridge/guard/token.ts";
import { runCommandLine } from "../../server-bridge/src/cli/commands.ts";
import { database } from "../../server-bridge/src/core/engines/database.ts";
import { file } from "../../server-bridge/src/core/engines/file.ts";
import { createSessions } from "../../server-bridge/src/core/sessions.ts";
import { dumps, SESSION_SALT, SIGNED_COOKIES_SALT } from "../../server-bridge/src/core/signing/index.ts";
import { sealText } from "../../server-bridge/src/core/signing/signed-text.ts";
import { createSigner } from "../../server-bridge/src/core/signing/signer.ts";
import {
  askPostgres,
  makeDirectory,
  makePostgresDatabase,
  type Place,
  servers,
} from "../core/engines/servers.ts";

const CLI = join(import.meta.dirname, "../../server-bridge/src/cli/main.ts");
const SECRET_KEY = "a secret of the command line";
const DATA = { user_id: 123, name: "Zoë" };

async function run(
  args: string[],
  environment: Record<string, string> = {},
  input = "",
  untilStopped: Promise<void> = new Promise(() => {}),
  showProgress: (line: string | null) => void = () => {},
) {
  const [said, complained]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, {
    environment,
    readInput: async () => input,
    untilStopped: () => untilStopped,
    showProgress,
    say: (line) => said.push(`${line}\n`),
    complain: (line) => complained.push(`${line}\n`),
  });
  return { out: said.join(""), errors: complained.join(""), code };
}

/** Like `run`, as a separate program. */
async function spawnProgram(args: string[], environment: Record<string, string>, input = "") {
  const child = spawn(process.execPath, ["--conditions=sessions-source", "--no-warnings", CLI, ...args], {
    env: { PATH: process.env["PATH"], ...environment },
  });
  child.stdin.end(input);
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, errors, code };
}

describe("session-bridge decode", () => {
  const stored = dumps(DATA, { secretKey: SECRET_KEY, salt: SESSION_SALT });

  it("shows the contents of a stored session, with only JSON on standard output", async () => {
    const { out, errors, code } = await run(["decode", stored], { SECRET_KEY });
    expect(out).toBe('{"user_id":123,"name":"Zo\\u00eb"}\n');
    expect([errors, code]).toEqual(["", 0]);
  });

  it("shows the contents of a cookie of the signed-cookies engine", async () => {
    const cookie = dumps(DATA, { secretKey: SECRET_KEY, salt: SIGNED_COOKIES_SALT, compress: true });
    expect(JSON.parse((await run(["decode", cookie], { SECRET_KEY })).out)).toEqual(DATA);
  });

  it("reads a session from standard input", async () => {
    expect(JSON.parse((await run(["decode", "-"], { SECRET_KEY }, `${stored}\n`)).out)).toEqual(DATA);
  });

  it("accepts the salt of a custom session class", async () => {
    const own = dumps(DATA, { secretKey: SECRET_KEY, salt: "mine" });
    expect((await run(["decode", own], { SECRET_KEY })).code).toBe(1);
    expect(JSON.parse((await run(["decode", own, "--salt", "mine"], { SECRET_KEY })).out)).toEqual(DATA);
  });

  it("follows SECRET_KEY_FALLBACKS", async () => {
    const environment = { SECRET_KEY: "new", SECRET_KEY_FALLBACKS: JSON.stringify(["older", SECRET_KEY]) };
    expect(JSON.parse((await run(["decode", stored], environment)).out)).toEqual(DATA);
    const wrong = await run(["decode", stored], { SECRET_KEY, SECRET_KEY_FALLBACKS: "older,old" });
    expect(wrong).toMatchObject({ code: 2, errors: expect.stringContaining('["old", "older"]') });
  });

  it("exits with 1 for a session that was signed with another key, and shows neither", async () => {
    const { out, errors, code } = await run(["decode", stored], { SECRET_KEY: "another secret" });
    expect([out, code]).toEqual(["", 1]);
    expect(errors).toContain("not a session signed by SECRET_KEY");
    expect(errors).not.toContain("another secret");
  });

  it("exits with 2 if SECRET_KEY is not set, and does not accept it on the command line", async () => {
    expect(await run(["decode", stored])).toMatchObject({
      code: 2,
      errors: expect.stringContaining("SECRET_KEY"),
    });
    expect((await run(["decode", stored, "--secret-key", SECRET_KEY])).code).toBe(2);
  });
});

describe("session-bridge clear-expired", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeDirectory();
  });
  afterAll(() => place.remove());

  /** One expired session and one valid one; returns the key of the valid one. */
  async function keep(engine: Parameters<typeof createSessions>[0]["engine"]): Promise<string> {
    const sessions = createSessions({ secretKey: SECRET_KEY, ...(engine && { engine }) });
    await sessions.migrate();
    const [ended, living] = [sessions.open(), sessions.open()];
    ended.setExpiry(-10);
    living.set("a", 1);
    await ended.save();
    await living.save();
    await sessions.close();
    return living.sessionKey ?? "";
  }

  it("deletes expired rows from an SQLite file, and says how many", async () => {
    const address = `sqlite:${join(place.address, "sessions.db")}`;
    const living = await keep(database(address));
    expect(await run(["clear-expired", address])).toEqual({
      out: "1 ended session deleted.\n",
      errors: "",
      code: 0,
    });
    expect((await run(["clear-expired"], { DATABASE_URL: address })).out).toBe("0 ended sessions deleted.\n");
    const sessions = createSessions({ secretKey: SECRET_KEY, engine: database(address) });
    expect(await sessions.engine.exists(living)).toBe(true);
    await sessions.close();
  });

  it("deletes expired rows from a table of another name", async () => {
    const address = `sqlite:${join(place.address, "named.db")}`;
    await keep(database(address, { table: "site_sessions" }));
    const missing = await run(["clear-expired", address]);
    expect(missing).toMatchObject({
      code: 1,
      errors: expect.stringContaining("the table django_session does not"),
    });
    const { out } = await run(["clear-expired", address, "--table", "site_sessions"]);
    expect(out).toBe("1 ended session deleted.\n");
    const refused = [
      await run(["clear-expired", address, "--table", "a b"]),
      await run(["clear-expired", address, "--schema", "main"]),
      await run(["clear-expired", "file:/tmp", "--table", "a"], { SECRET_KEY }),
    ];
    expect(refused.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(refused.map(({ errors }) => errors)).toEqual([
      expect.stringContaining('table is "a b"'),
      expect.stringContaining("SQLite has no schemas"),
      expect.stringContaining("no --table"),
    ]);
  });

  it.runIf(servers.postgres)("deletes expired rows from a schema of PostgreSQL", async () => {
    const { address, remove } = await makePostgresDatabase();
    await askPostgres("CREATE SCHEMA auth", address);
    await keep(database(address, { table: "visitors", schema: "auth" }));
    const names = ["--table", "visitors", "--schema", "auth"];
    const { out } = await run(["clear-expired", ...names], { DATABASE_URL: address });
    expect(out).toBe("1 ended session deleted.\n");
    await remove();
  });

  it.runIf(servers.postgres)("deletes expired rows from PostgreSQL", async () => {
    const { address, remove } = await makePostgresDatabase();
    await keep(database(address));
    expect(await run(["clear-expired"], { DATABASE_URL: address })).toEqual({
      out: "1 ended session deleted.\n",
      errors: "",
      code: 0,
    });
    await remove();
  });

  it("shows how far it is once it takes longer than a second, and stops on Ctrl-C", async () => {
    const now = performance.now.bind(performance);
    let laterMs = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      laterMs += 500;
      return now() + laterMs;
    });
    const path = join(place.address, "many.db");
    const rows = 3_000;
    await keep(database(`sqlite:${path}`));
    const filled = new DatabaseSync(path);
    filled.exec(`
      INSERT INTO django_session
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows - 1})
        SELECT lower(hex(randomblob(16))), hex(randomblob(300)), datetime('now', '-1 hour') FROM numbers`);
    filled.close();
    const stop = Promise.withResolvers<void>();
    const shown: (string | null)[] = [];
    const stopped = await run(["clear-expired", `sqlite:${path}`], {}, "", stop.promise, (line) => {
      shown.push(line);
      stop.resolve();
    });
    expect(shown).toEqual([expect.stringMatching(/^cleared [\d,]+ of about 3,000$/), null]);
    const [, done] = /^(\d+) ended sessions deleted, then stopped\. Run it again/.exec(stopped.out) ?? [];
    clock.mockRestore();
    expect([stopped.code, stopped.errors]).toEqual([1, ""]);
    const rest = await run(["clear-expired", `sqlite:${path}`]);
    expect(rest).toMatchObject({ code: 0, out: `${rows - Number(done)} ended sessions deleted.\n` });
  });

  it("deletes expired files, by their own expiry", async () => {
    const directory = join(place.address, "files");
    await mkdir(directory);
    const living = await keep(file(directory));
    const { out, code } = await run(["clear-expired", `file:${directory}`], { SECRET_KEY });
    expect([out, code]).toEqual(["1 ended session deleted.\n", 0]);
    expect(await readdir(directory)).toEqual([`sessionid${living}`]);
    const withoutKey = await run(["clear-expired", `file:${directory}`]);
    expect(withoutKey).toMatchObject({ code: 2, errors: expect.stringContaining("SECRET_KEY is not set") });
  });

  it("does not create a missing database", async () => {
    const path = join(place.address, "mistyped.db");
    const { code, errors } = await run(["clear-expired", `sqlite:${path}`]);
    expect([code, errors]).toEqual([2, expect.stringContaining("There is no file")]);
    expect(await readdir(place.address)).not.toContain("mistyped.db");
  });

  it("refuses an address with a password, and does not repeat it", async () => {
    const { code, errors } = await run(["clear-expired", "postgres://me:hidden@127.0.0.1/db"]);
    expect([code, errors]).toEqual([2, expect.stringContaining("Put it into DATABASE_URL")]);
    expect(errors).not.toContain("hidden");
  });

  it("exits with 1, and the cause, if the database does not respond", async () => {
    const { code, errors } = await run(["clear-expired", "postgres://user@127.0.0.1:1/none"]);
    expect([code, errors]).toEqual([1, expect.stringContaining("ECONNREFUSED")]);
  });

  it("exits with 1, and the cause, if the file is not a database", async () => {
    const path = join(place.address, "notes.txt");
    await writeFile(path, "This is not a database, but it is long enough to be one. ".repeat(100));
    expect(await run(["clear-expired", `sqlite:${path}`])).toMatchObject({
      code: 1,
      errors: expect.stringContaining("the file is not a database"),
    });
  });

  it("says that a cache has nothing to clear", async () => {
    expect(await run(["clear-expired", "redis://127.0.0.1"])).toMatchObject({
      code: 2,
      errors: expect.stringContaining("forgets ended sessions by itself"),
    });
  });
});

describe("session-bridge token", () => {
  it("prints a token that a bridge accepts, a different one each time, and nothing else", async () => {
    const made = [await run(["token"]), await run(["token"]), await spawnProgram(["token"], {})];
    for (const { out, errors, code } of made) {
      expect([errors, code]).toEqual(["", 0]);
      expect(out).toMatch(/^[A-Za-z0-9][\w-]{42}\n$/);
      expect(createToken(out.trim())?.matches(out.trim())).toBe(true);
    }
    expect(new Set(made.map(({ out }) => out)).size).toBe(3);
  });

  it("takes no argument", async () => {
    expect(await run(["token", "64"])).toMatchObject({ out: "", code: 2 });
  });
});

describe("session-bridge", () => {
  it("is a program with an exit code that reads standard input", async () => {
    const stored = dumps(DATA, { secretKey: SECRET_KEY, salt: SESSION_SALT });
    expect(await spawnProgram(["decode", "-"], { SECRET_KEY }, `${stored}\n`)).toEqual({
      out: '{"user_id":123,"name":"Zo\\u00eb"}\n',
      errors: "",
      code: 0,
    });
    expect(await spawnProgram(["decode", stored], { SECRET_KEY: "another" })).toMatchObject({
      out: "",
      code: 1,
    });
  });

  it("repeats no text that was pasted in place of a command or an option, and prints no invisible characters (T40)", async () => {
    for (const args of [
      ["eyJhIjoiaHVudGVyMiJ9:hunter2"],
      ["eyJhIjoiaHVudGVyMiJ9:hunter2", "a", "b"],
      ["decode", "--postgres://me:hunter2@host/db"],
      ["decode", "x", "--help=hunter2"],
      ["clear-expired", "file:nowhere", "--salt"],
    ]) {
      const { errors, code } = await run(args, { SECRET_KEY });
      expect([errors, code]).toEqual([expect.not.stringMatching(/hunter2|eyJ/), 2]);
    }
    const odd = await run(["clear-expired", "sqlite:\u009b31m\u202e\u001b]0;x\u0007"]);
    expect(odd.errors).toContain("There is no file \\u009b31m\\u202e\\u001b]0;x\\u0007.");
  });

  it("shows control characters in a session by their numbers", async () => {
    const signer = createSigner([Buffer.from(SECRET_KEY)], SESSION_SALT);
    const now = Math.floor(Date.now() / 1000);
    const stored = sealText(signer, "no JSON \u009b31m\u001b]0;x\u0007\n", now, false); // from a custom serializer
    const { out } = await run(["decode", stored], { SECRET_KEY });
    expect(out).toBe("no JSON \\u009b31m\\u001b]0;x\\u0007\\u000a\n");
  });

  it("explains its commands with --help", async () => {
    const { out, errors, code } = await run(["--help"]);
    expect([errors, code]).toEqual(["", 0]);
    for (const word of ["clear-expired", "decode", "  token ", "SECRET_KEY", "DATABASE_URL", "Exit codes"])
      expect(out).toContain(word);
  });

  for (const [what, args, complaint] of [
    ["no command", [], "No command was given"],
    ["a command that is none", ["clean"], "There is no command clean"],
    ["an option that is none", ["decode", "--loud"], "--loud"],
    ["too many arguments", ["decode", "a", "b"], "takes one argument"],
    ["decode without a text", ["decode"], "needs the text"],
    ["clear-expired without an address", ["clear-expired"], "DATABASE_URL"],
    ["an age that is no number", ["clear-expired", "file:/tmp", "--cookie-age", "soon"], "number of seconds"],
  ] as const) {
    it(`exits with 2 for ${what}, and names the help`, async () => {
      const { out, errors, code } = await run([...args], { SECRET_KEY });
      expect([out, code]).toEqual(["", 2]);
      expect(errors).toContain(complaint);
      expect(errors).toContain("session-bridge --help");
    });
  }
});
