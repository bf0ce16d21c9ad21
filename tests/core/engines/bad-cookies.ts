/** Malformed cookies and stored strings: each is an empty session, none is an error page. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { openSession } from "../../../server-bridge/src/core/request/open-session.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { elsewhere } from "./again.ts";
import { type App, startApp } from "./app.ts";

const TAMPERED = "eyJ1c2VyX2lkIjoxfQ:1xVHTU:ktpnrmRRCCFOowJullKvEjvQfOwcg-UDQ2A9q-9aHCc";
/** As they are in the Cookie header. In quotes, `\ooo` is a character's octal code. */
const COOKIES: Record<string, string> = {
  "with a NUL": '"abcdefgh\\000ijklmnop"',
  "of 10 kB": "k".repeat(10_240),
  "named __proto__": "__proto__",
  "that climbs directories": "../../../../../etc/passwd",
  "with SQL in it": "' OR '1'='1' -- x",
  "with a letter of another alphabet": '"abcdefgh\\344\\366\\374"',
  "in capitals": "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345",
  "too short to be a key": "abc",
  "that looks signed": TAMPERED,
  "of colons": ":::::::::::::",
  "that is empty": "",
};
const DAMAGED: Record<string, string> = {
  "that is empty": "",
  "that was torn": TAMPERED.slice(0, 20),
  "that someone else signed": TAMPERED,
  "that is no session at all": "<html>",
};

/** Cookies that Django ignores: these need no line in the log. */
const QUIET = new Set(["too short to be a key", "that is empty"]);

/** @param damages false if a string cannot be stored as it is */
export function describeBadCookies(name: string, make: () => Engine, damages = true): void {
  describe(`on ${name}, the result is an empty session and no error for`, () => {
    let app: App;
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);

    beforeAll(async () => {
      // Allows every key: what the default pattern refuses would never reach the store.
      const sessions = createSessions({ secretKey: "a secret", engine: make(), log, keyPattern: /^.*$/s });
      await sessions.migrate();
      app = await startApp(sessions, ({ url, session }, response) => {
        if (url === "/write") session.set("a", 1);
        response.end(JSON.stringify(session.toJSON()));
      });
    });
    afterAll(() => app.stop());

    const get = async (path: string, cookie: string) => {
      lines.length = 0;
      const response = await fetch(app.origin + path, { headers: { cookie: `sessionid=${cookie}` } });
      return { status: response.status, text: await response.text() };
    };

    for (const [which, cookie] of Object.entries(COOKIES)) {
      it(`a cookie ${which}`, async () => {
        expect(await get("/", cookie)).toEqual({ status: 200, text: "{}" });
        expect(lines.length).toBeLessThanOrEqual(1);
        expect(await get("/write", cookie)).toEqual({ status: 200, text: '{"a":1}' });
      });
    }

    if (!damages) return;
    it("each of them is one line in the log that does not contain it, with the default pattern", async () => {
      const sessions = createSessions({ secretKey: "a secret", engine: elsewhere(app.sessions.engine), log });
      for (const [which, cookie] of Object.entries(COOKIES)) {
        lines.length = 0;
        const opened = await openSession(sessions, {
          method: "GET",
          path: "/",
          identity: {},
          cookieHeader: `sessionid=${cookie}`,
        });
        expect(opened.session.toJSON()).toEqual({});
        expect(lines, which).toEqual(
          QUIET.has(which) ? [] : [expect.stringMatching(/cookie holds no key \(/)],
        );
        for (const line of lines) expect(line, which).not.toContain(cookie);
      }
    });

    let count = 0;
    for (const [which, text] of Object.entries(DAMAGED)) {
      it(`a stored string ${which}, with one line in the log`, async () => {
        const key = `damagedtext${++count}`;
        await app.sessions.engine.create(key, text, { expiresAtMs: Date.now() + 60_000, ageSeconds: 60 });
        expect(await get("/", key)).toEqual({ status: 200, text: "{}" });
        expect(lines).toEqual([expect.stringMatching(/corrupted/)]);
        expect(lines[0]).not.toContain(key);
        expect(await get("/write", key)).toEqual({ status: 200, text: '{"a":1}' });
        expect(await get("/", key)).toEqual({ status: 200, text: '{"a":1}' });
      });
    }
  });
}
