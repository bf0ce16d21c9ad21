/** What is printed, and what leaves in refusals, has names, never values, and only characters that can be seen (T40). */
import { fork } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { describeError, misuse, SessionError, toError } from "../../../server-bridge/src/core/errors.ts";
import { createSafeLog, escapeUnseen } from "../../../server-bridge/src/core/runtime.ts";
import { call, EXTENSION_ORIGIN, rawCall, sendRaw, startSite } from "../site.ts";
import { THROWN_KINDS, toThrown } from "./thrown.ts";

/** Secrets of many forms; those that look like a name or a code of an error, too. */
const SECRETS = [
  "hunter2 is the password",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
  "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----",
  ["ghp", "16C7e42F292c6912E7710c838347Ae178B4a"].join("_"),
  ["AKIA", "IOSFODNN7EXAMPLE"].join(""),
  ["sk", "live", "4eC39HqLyjWDarjtT1zdp7dc"].join("_"),
  "postgres://me:correct-horse@db.example/shop",
  "Server=db;User=me;Password=correct-horse;",
  "c2VjcmV0LXZhbHVlLW9mLWEtc2Vzc2lvbg==",
  "9f86d081884c7d659a2feaa0c55ad015",
  "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  "4111 1111 1111 1111",
  "$2b$12$KIXQ4S1jvJ9s3rXb0y3u5eG6mHq7",
  "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
  "legal winner thank year wave sausage worth useful",
  "k3v9x0q2lmn8pry5wbcdk3v9x0q2lmn8",
  "CORRECT_HORSE_BATTERY_STAPLE4711AGAIN",
  "https://shop.example/reset/3f9a1c77d2/?token=3f9a1c77d2",
  "geheim\u202e\u001b[31m und Größe",
];

describe("an error in a line", () => {
  it("is named by kind, code and place, and never by its text", () => {
    for (const secret of SECRETS) {
      for (let kind = 0; kind < THROWN_KINDS; kind += 1) {
        const thrown = toThrown(secret, kind);
        const wrapped = new SessionError("engine", "The store failed.", { cause: thrown });
        const asError = thrown instanceof Error ? wrapped : toError(thrown);
        const said = [describeError(thrown), describeError(wrapped), asError.message].join("\n");
        expect(said, `${kind}`).not.toContain(secret);
        expect(said, `${kind}`).not.toContain(JSON.stringify(secret).slice(1, -1));
      }
    }
    expect(describeError(Object.assign(new RangeError(""), { code: "ECONNREFUSED" }))).toMatch(
      /^RangeError \(ECONNREFUSED\) at .*errors-and-lines\.test\.ts:\d+:\d+$/,
    );
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
  it("put none of them on the terminal or into a refusal, with every engine and library", async () => {
    const child = fork(join(import.meta.dirname, "failing-stores-app.ts"), {
      execArgv: ["--conditions=sessions-source", "--no-warnings"],
      env: { ...process.env, NODE_ENV: "development", SECRETS: JSON.stringify(SECRETS) },
      timeout: 100_000,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const answers: { what: string; answers: string[] }[] = [];
    child.on("message", (message) => answers.push(message as { what: string; answers: string[] })); // the app's own form
    const ended = new Promise((resolve) => child.once("close", resolve));
    // both are pipes, as asked for above
    const [out, errors] = await Promise.all([
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      ended,
    ]);
    const printed = out + errors;
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
      /\[sessions\] GET failed: /,
      /An observer of sessions failed/,
      /cached_db: the cache failed/,
      /A response ended in an error: /,
      /traces are not shared while Redis does not answer/,
      /SQLite: a constraint of the table forbids the row/,
    ]) {
      expect(printed).toMatch(line);
    }
    expect(printed).not.toContain("k".repeat(32)); // the key of every session there
    for (const secret of SECRETS) {
      for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) {
        expect(printed).not.toContain(form);
        for (const one of answers) expect(JSON.stringify(one.answers), one.what).not.toContain(form);
      }
    }
  }, 120_000);
});

describe("a line", () => {
  it("is one line of characters that can be seen, whatever is in it", () => {
    expect(
      escapeUnseen("\u001b[2J\u009b31m\u0085\u202e\u200b\u2066\u2028\u{e0041}\ud800\u007f\u00ad\u3164é漢🙂"),
    ).toBe(
      "\\u001b[2J\\u009b31m\\u0085\\u202e\\u200b\\u2066\\u2028\\udb40\\udc41\\ud800\\u007f\\u00ad\\u3164é漢🙂",
    );
    const lines: string[] = [];
    createSafeLog((line) => lines.push(line))(`a\nb\r${"x".repeat(10_000)}`);
    expect(lines).toEqual([`a\\u000ab\\u000d${"x".repeat(1996)}…`]);
    const random = createRandom(40);
    for (let n = 0; n < 20_000; n += 1) {
      const text = Array.from({ length: 20 }, () =>
        String.fromCodePoint(random(n % 2 ? 0x11_0000 : 0x3000)),
      ).join("");
      expect(escapeUnseen(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
  });

  it("holds no such character after random bytes in Host, path, cookie and names, and after errors", async () => {
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

/** Whole numbers below a bound, the same for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
