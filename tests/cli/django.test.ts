/** `session-bridge django` starts with what it is told, and says what to give when that is not enough. */
import { mkdtempSync, rmSync } from "node:fs";
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
