/** Session files that someone truncates, deletes or replaces under a running server: every request is answered. */
import { mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { type App, startApp } from "./app.ts";
import { makeDirectory, type Place } from "./servers.ts";

let place: Place;
let app: App;
let lines: string[];
/** Called in a handler, between its reading of the session and the save. */
let between = () => {};

beforeEach(async () => {
  place = await makeDirectory();
  lines = [];
  between = () => {};
  const sessions = createSessions({
    secretKey: "a secret",
    engine: file(place.address),
    log: (line) => lines.push(line),
  });
  app = await startApp(sessions, async (request, response) => {
    const { session } = request;
    const before = Number(session.get("n") ?? 0);
    await turn();
    between();
    session.set("n", before + 1);
    response.end(String(before));
  });
});
afterEach(async () => {
  await app.stop();
  await place.remove();
});

/** One request; returns status, body and cookie. */
async function ask(cookie = ""): Promise<{ status: number; body: string; cookie: string }> {
  const answer = await fetch(app.origin, { headers: { cookie } });
  const set = answer.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
  return { status: answer.status, body: await answer.text(), cookie: set };
}

const DAMAGES: Record<string, (path: string) => void> = {
  "truncated to nothing": (path) => truncateSync(path, 0),
  "truncated in the middle": (path) => truncateSync(path, 10),
  "overwritten with garbage": (path) => writeFileSync(path, "\u0000\u00ff".repeat(5000)),
  deleted: (path) => rmSync(path),
  "replaced by a folder": (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  "replaced by a folder with something in it": (path) => {
    rmSync(path);
    mkdirSync(join(path, "inside"), { recursive: true });
  },
};

it.each(Object.entries(DAMAGES))(
  "a file that is %s is an empty session, and the visitor can go on",
  async (_, damage) => {
    const first = await ask();
    expect(await ask(first.cookie)).toMatchObject({ status: 200, body: "1" });
    damage(join(place.address, readdirSync(place.address)[0] ?? ""));
    const after = await ask(first.cookie);
    expect(after).toMatchObject({ status: 200, body: "0" });
    expect(await ask(after.cookie)).toMatchObject({ status: 200, body: "1" });
  },
);

it.each(Object.entries(DAMAGES))(
  "a file that is %s while its session is in use: the request is answered, and the next one too",
  async (_, damage) => {
    const first = await ask();
    between = () => {
      between = () => {};
      damage(join(place.address, readdirSync(place.address)[0] ?? ""));
    };
    expect([200, 400]).toContain((await ask(first.cookie)).status);
    expect((await ask(first.cookie)).status).toBe(200);
  },
);

it("a directory that is moved away is an error for requests with a session, and works again when it is back", async () => {
  const first = await ask();
  const away = `${place.address}-away`;
  renameSync(place.address, away);
  expect((await ask(first.cookie)).status).toBe(500);
  renameSync(away, place.address);
  expect(await ask(first.cookie)).toMatchObject({ status: 200, body: "1" });
});
