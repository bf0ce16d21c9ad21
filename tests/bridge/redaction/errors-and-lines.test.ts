/** What is printed or sent in refusals contains names, never values, and only visible characters (T40). */
import { fork } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { describeError, misuse, SessionError, toError } from "../../../server-bridge/src/core/errors.ts";
import { createSafeLog, escapeUnseen } from "../../../server-bridge/src/core/runtime.ts";
import { QUOTED, spellingsOf } from "../../canaries.ts";
import { call, EXTENSION_ORIGIN, rawCall, sendRaw, startSite } from "../site.ts";
import { THROWN_KINDS, toThrown } from "./thrown.ts";

const TEXTS = QUOTED.map(({ text }) => text);

/** What an app printed, and what it sent. */
interface Ran {
  printed: string;
  answers: { what: string; answers: string[] }[];
}

/** Runs one of the test apps with a list of secrets until it ends. */
async function runApp(file: string): Promise<Ran> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ["--conditions=sessions-source", "--no-warnings"],
    env: { ...process.env, NODE_ENV: "development", SECRETS: JSON.stringify(TEXTS) },
    timeout: 100_000,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const answers: Ran["answers"] = [];
  child.on("message", (message) => answers.push(message as Ran["answers"][number])); // the app's own form
  const ended = new Promise((resolve) => child.once("close", resolve));
  // both are pipes, as asked for above
  const [out, errors] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    ended,
  ]);
  return { printed: out + errors, answers };
}

function expectNoSecret({ printed, answers }: Ran): void {
  // Each answer becomes text once: there are hundreds of spellings, and megabytes of answers.
  const texts = answers.map(({ what, answers }) => ({ what, text: JSON.stringify(answers) }));
  for (const spelling of QUOTED.flatMap(({ secret }) => spellingsOf(secret))) {
    expect(printed).not.toContain(spelling);
    for (const { what, text } of texts) expect(text, what).not.toContain(spelling);
  }
}

describe("an error in a line", () => {
  it("is named by kind, code and place, and never by its text", () => {
    for (const { secret, text: line } of QUOTED) {
      for (let kind = 0; kind < THROWN_KINDS; kind += 1) {
        const thrown = toThrown(line, kind);
        const wrapped = new SessionError("engine", "The store failed.", { cause: thrown });
        const asError = thrown instanceof Error ? wrapped : toError(thrown);
        const said = [describeError(thrown), describeError(wrapped), asError.message].join("\n");
        for (const spelling of spellingsOf(secret)) expect(said, `${kind}`).not.toContain(spelling);
      }
    }
    expect(describeError(Object.assign(new RangeError(""), { code: "ECONNREFUSED" }))).toMatch(
      /^RangeError \(ECONNREFUSED\) at .*errors-and-lines\.test\.ts:\d+:\d+$/,
    );
  });

  it("does not mistake a line of its old message for its place when its message was changed", () => {
    const error = new Error("one\nfoo\n    at /srv/hunter2/x.js:1:1");
    expect(error.stack).toContain("hunter2"); // the stack is written at the first access, with the message of that time
    error.message = "foo";
    expect(describeError(error)).toBe("Error");
  });

  it("keeps the sentences of this package, and names what caused them", () => {
    const cause = Object.assign(new Error("hunter2"), { code: "ER_ACCESS_DENIED_ERROR" });
    const error = new SessionError("engine", "MySQL: the statement failed.", { cause });
    expect(describeError(error)).toMatch(
      /^MySQL: the statement failed\. \(cause: Error \(ER_ACCESS_DENIED_ERROR\) at /,
    );
    expect(describeError(misuse("a map cannot be stored."))).toBe("a map cannot be stored.");
    const pretended = Object.assign(new Error("hunter2"), { name: "SessionError", code: "engine" });
    expect(describeError(pretended)).not.toContain("hunter2");
    expect(error.cause).toBe(cause);
  });
});

describe("stores that fail with secrets in their errors", () => {
  it("print none of them on the terminal and put none into a refusal, with every engine and library", async () => {
    const ran = await runApp("failing-stores-app.ts");
    const { printed } = ran;
    const answers = ran.answers.filter(({ what }) => what !== "thrown");
    const thrown = ran.answers.find(({ what }) => what === "thrown")?.answers[0];
    expect(Number(thrown)).toBeGreaterThanOrEqual(TEXTS.length); // each secret was in an error
    expect(answers.map(({ what }) => what).filter((what) => what !== "uncaught")).toEqual([
      "sqlite",
      "postgres",
      "mysql",
      "redis",
      "cached database",
      "store of express-session",
      "files",
      "engine of one's own",
      "express-session",
      "koa-session",
      "@fastify/session",
    ]);
    for (const line of [
      /\[session-bridge\] session failed: /,
      /\[session-bridge\] GET failed: /,
      /An observer of sessions failed/,
      /cached_db: the cache does not answer/,
      /A response ended in an error: /,
      /traces are not shared while Redis does not answer/,
      /SQLite: a constraint of the table forbids the row/,
    ]) {
      expect(printed).toMatch(line);
    }
    expect(printed).not.toContain("k".repeat(32)); // the key of every session there
    expectNoSecret(ran);
  }, 120_000);
});

describe("sources whose cookies and rows contain secrets instead of a session", () => {
  it("print none of them on the terminal and put none into a refusal (T40)", async () => {
    const ran = await runApp("failing-sources-app.ts");
    const asked = new Map(ran.answers.map(({ what, answers }) => [what, answers.length]));
    expect([...asked.keys()]).toEqual([
      "signed cookies",
      "cookie-session",
      "iron-session",
      "@fastify/secure-session",
      "Django",
    ]);
    for (const count of asked.values()) expect(count).toBeGreaterThanOrEqual(2 * TEXTS.length);
    expect(ran.printed).toMatch(/SQLite: a constraint of the table forbids the row/);
    expectNoSecret(ran);
  }, 120_000);
});

describe("a line", () => {
  it("is one line of visible characters, whatever it contains", () => {
    expect(
      escapeUnseen("\u001b[2J\u009b31m\u0085\u202e\u200b\u2066\u2028\u{e0041}\ud800\u007f\u00ad\u3164é漢🙂"),
    ).toBe(
      "\\u001b[2J\\u009b31m\\u0085\\u202e\\u200b\\u2066\\u2028\\udb40\\udc41\\ud800\\u007f\\u00ad\\u3164é漢🙂",
    );
    const lines: string[] = [];
    createSafeLog((line) => lines.push(line))(`a\nb\r${"x".repeat(10_000)}`);
    expect(lines).toEqual([`[session-bridge] a\\u000ab\\u000d${"x".repeat(1979)}…`]);
    const random = createRandom(40);
    for (let n = 0; n < 20_000; n += 1) {
      const text = Array.from({ length: 20 }, () =>
        String.fromCodePoint(random(n % 2 ? 0x11_0000 : 0x3000)),
      ).join("");
      expect(escapeUnseen(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
  });

  it("contains no invisible character after random bytes in Host, path, cookie and names, and after errors", async () => {
    const site = await startSite();
    const random = createRandom(41);
    const junk = (length: number) =>
      Array.from({ length }, () => random(256))
        .filter((byte) => ![0, 10, 13].includes(byte))
        .map((byte) => String.fromCharCode(byte))
        .join("");
    const origin = `Origin: ${EXTENSION_ORIGIN}`;
    for (let n = 0; n < 150; n += 1) {
      const [host, path, cookie, header] = [junk(20), junk(20), junk(40), junk(10)];
      await sendRaw(
        site.port,
        `GET /${path.replace(/\s/g, "")} HTTP/1.1\r\nHost: ${host}\r\nCookie: sessionid=${cookie}\r\nConnection: close\r\n\r\n`,
      );
      await sendRaw(
        site.port,
        `GET /read HTTP/1.1\r\nHost: localhost\r\n${header}: a\r\nCookie: sessionid=${cookie}\r\nConnection: close\r\n\r\n`,
      );
      await sendRaw(
        site.port,
        rawCall("session", [`Host: ${host}`, origin, "Content-Type: application/json"]),
      );
    }
    const names = JSON.stringify("\u009b31m\u202e\u001b]0;x\u0007");
    await fetch(`${site.origin}/set?${encodeURIComponent("\u009b\u202ekey")}=${encodeURIComponent(names)}`);
    site.breakStore("\u001b]0;owned\u0007\u009b2J\u202e");
    await call(site, "session", { cookie: "k".repeat(32) });
    await site.close();
    expect(site.lines.length).toBeGreaterThan(1);
    for (const line of site.lines) expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  }, 60_000);
});

/** Random whole numbers below a bound, the same for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
