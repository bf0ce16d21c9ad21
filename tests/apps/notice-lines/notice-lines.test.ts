/** The lines that the panel offers for each library and framework run as they stand, and then the bridge shows the session. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readServer } from "../../../extension/messages/server-headers.ts";
import { toFile } from "../../extension/logic/add-bridge/apps.ts";
import { offeredTexts } from "../../extension/logic/add-bridge/offered.ts";
import { startProgram } from "../../setups/program.ts";
import { call, readPossession, readTraces } from "../../sources/panel-client.ts";
import { SERVERS } from "./servers.ts";
import { SITES } from "./sites.ts";

/** Below the packages of these apps; not under version control. */
const FOLDER = join(import.meta.dirname, "../out/notice-lines");
const IS_FIELD = process.env["SESSIONS_FIELD"] === "true";
const AUTH_SECRET = "a secret of these tests, longer than thirty-two characters";

beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** `examples/better-auth` has the line for Express, and is started anyway. */
const servers = SERVERS.filter(({ name }) => IS_FIELD || name === "Auth.js on Express");

it.each(servers)("$name", async (app) => {
  const file = join(FOLDER, `${app.name.replaceAll(/\W/g, "-")}.ts`);
  writeFileSync(file, toFile(app, "ts", offeredTexts(app)));
  const command = [process.execPath, "--conditions=sessions-source", "--no-warnings", file];
  const env = { NODE_ENV: "development", AUTH_SECRET };
  const program = await startProgram(command, { cwd: FOLDER, env, said: /^port (\d+)$/m });
  try {
    const base = `http://127.0.0.1:${program.found}`;
    const page = await fetch(base);
    expect(page.status, program.output()).toBe(200);
    await expectSession(base, page, app.sets, "john_doe");
  } finally {
    await program.stop();
  }
});

if (IS_FIELD) {
  it.each(SITES)("$name", { timeout: 300_000 }, async (site) => {
    const app = await site.start();
    try {
      const { headers } = await fetch(app.url);
      const signs = readServer([...headers].map(([name, value]) => ({ name, value })));
      expect(signs).toEqual(expect.arrayContaining([...site.server]));
      const address = `${app.url}${site.path}`;
      await fetch(address); // the first request may come before the bridge
      const page = await site.logIn(address);
      expect(page.status, app.output()).toBeLessThan(400);
      await expectSession(app.url, page, site.cookie, site.holds);
      const cookie = readPossession(page, site.cookie);
      const traces = await readTraces(app.url, [cookie], (found) => found.length > 0);
      expect(traces[0]).toMatchObject({ request: { method: "POST" } });
      if (site.writer) expect(JSON.stringify(traces)).toContain(site.writer);
    } finally {
      await app.stop();
    }
  });
}

async function expectSession(base: string, page: Response, name: string, holds: string): Promise<void> {
  expect(page.headers.get("session-trace")).toMatch(/;at=\d+/);
  const hello = await call(base, "hello", { protocol: 1 });
  expect(hello.answer.cookieNames).toEqual([name]);
  const { answer } = await call(base, "session", { protocol: 1, cookie: readPossession(page, name) });
  expect(answer).toMatchObject({ found: true, session: { dataJson: expect.stringContaining(holds) } });
}
