/** Every line that the panel offers is run as it stands, in a real app of that framework, and then its bridge shows the session. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startProgram } from "../../../bundles/program.ts";
import { call, readPossession } from "../../../sources/panel-client.ts";
import { APPS, toFile } from "./apps.ts";
import { offeredTexts } from "./offered.ts";

/** Inside the repository, so that packages are found; not under version control. */
const FOLDER = join(import.meta.dirname, "../../../../out/add-bridge");

beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const cases = APPS.flatMap((app, at) =>
  (["ts", "js"] as const).map((language) => ({ name: app.name, app, at, language })),
);

it.each(cases)("$name, $language", async ({ app, at, language }) => {
  const file = join(FOLDER, `app-${at}.${language === "ts" ? "ts" : "cjs"}`);
  writeFileSync(file, toFile(app, language, offeredTexts(app, language)));
  const program = await startProgram(["--conditions=sessions-source", "--no-warnings", file], {
    cwd: FOLDER,
    env: { NODE_ENV: "development" },
  });
  try {
    expect(program.port, program.output()).not.toBeNull();
    const base = `http://127.0.0.1:${program.port}`;
    const page = await fetch(base);
    expect(page.headers.get("session-trace")).toMatch(/;at=\d+$/);
    const hello = await call(base, "hello", { protocol: 1 });
    expect(hello.answer.cookieNames).toEqual([app.sets]);
    const cookie = readPossession(page, app.sets);
    const { answer } = await call(base, "session", { protocol: 1, cookie });
    expect(answer).toMatchObject({
      found: true,
      session: { dataJson: expect.stringContaining('"user_id":123') },
    });
  } finally {
    await program.stop();
  }
});
