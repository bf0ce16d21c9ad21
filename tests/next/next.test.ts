/** Next.js in production: its handler behind `withSessions`, and the library inside of what Next bundles. */
import { CookieJar } from "tough-cookie";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Visitor } from "../adapters/client.ts";
import type { Program } from "../bundles/program.ts";
import { makePostgresDatabase, type Place, servers } from "../core/engines/servers.ts";
import { CLIENTS, sendCrowd } from "./crowd.ts";
import { NextProject } from "./next-project.ts";

const SENTENCE =
  "[session-bridge] database('postgres://…') needs the package pg, which is not installed here. Run: npm install pg";

let project: NextProject;
let postgres: Place;
let program: Program | null = null;
beforeAll(async () => {
  if (!servers.postgres) return;
  [project, postgres] = await Promise.all([NextProject.create(), makePostgresDatabase()]);
}, 300_000);
afterAll(async () => {
  await project?.remove();
  await postgres?.remove();
});

/** Stops the previous program and returns the address of the given one. */
async function run(next: Promise<Program>): Promise<string> {
  await program?.stop();
  program = await next;
  if (program.port === null) throw new Error(`The server ended at its start:\n${program.output()}`);
  return `http://127.0.0.1:${program.port}`;
}

/** The counts of three visits to a route. */
async function countVisits(base: string, path: string): Promise<string> {
  const visitor = new Visitor(Number(new URL(base).port));
  const bodies: string[] = [];
  for (let at = 0; at < 3; at++) bodies.push((await visitor.ask(path)).body);
  return bodies.join(" ");
}

describe.skipIf(!servers.postgres)("a Next application built by Turbopack", () => {
  beforeAll(async () => {
    await project.build("turbopack", postgres.address);
  }, 120_000);
  afterAll(() => program?.stop());

  for (const [engine, addressOf] of [
    ["SQLite", () => "sqlite::memory:"],
    ["PostgreSQL", () => postgres.address],
  ] as const) {
    describe(`behind withSessions on ${engine}, for clients that accept gzip`, () => {
      let base: string;
      beforeAll(async () => {
        base = await run(project.startOwnServer(addressOf()));
      });

      for (const [path, what] of [
        ["/page", "a page"],
        ["/data", "JSON"],
        ["/stream", "a stream"],
      ]) {
        it.each(Object.entries(CLIENTS))(
          `answers a thousand requests for ${what} that change the session, sent by %s`,
          async (_, client) => {
            expect(await sendCrowd(base + path, client)).toEqual({ right: 1_000, hung: 0, wrong: [] });
          },
          120_000,
        );
      }
    });
  }

  it("finds pg from the bundled library", async () => {
    const base = await run(project.start(postgres.address));
    expect(await countVisits(base, "/inside")).toBe("visits=1; visits=2; visits=3;");
    expect(await countVisits(base, "/by-hand")).toBe("visits=1; visits=2; visits=3;");
  });

  it("logs in and out in server actions, with the cookie of cookieOf", async () => {
    const base = await run(project.start(postgres.address));
    const jar = new CookieJar();
    const ask = async (path: string, body?: FormData) => {
      const headers = { Cookie: await jar.getCookieString(base) };
      const response = await fetch(base + path, { headers, ...(body && { method: "POST", body }) });
      for (const line of response.headers.getSetCookie()) await jar.setCookie(line, base);
      return response.text();
    };
    /** Sends the form as a browser without JavaScript. */
    const submit = async () => {
      const [, name = ""] = /name="(\$ACTION_ID_[^"]+)"/.exec(await ask("/login")) ?? [];
      const form = new FormData();
      form.set(name, "");
      return ask("/login", form);
    };
    expect(await submit()).toContain("user=ada;");
    expect(await ask("/login/name")).toBe("user=ada;");
    expect(await jar.getCookies(base)).toMatchObject([{ key: "sessionid", httpOnly: true, sameSite: "lax" }]);
    expect(await submit()).toContain("user=undefined;");
    expect(await ask("/login/name")).toBe("user=undefined;");
    expect(await jar.getCookies(base)).toEqual([]);
  });

  it("answers 500 and says what to install if pg is missing", async () => {
    const putBack = await project.removeDriver();
    try {
      const base = await run(project.start(postgres.address));
      expect((await fetch(`${base}/inside`)).status).toBe(500);
      expect(program?.output()).toContain(SENTENCE);
      expect(program?.output()).not.toContain("TypeError");
    } finally {
      await putBack();
    }
  });

  it("cannot be built without pg, and the build says what to install", async () => {
    const putBack = await project.removeDriver();
    try {
      await expect(project.build("turbopack", postgres.address)).rejects.toThrow(SENTENCE);
    } finally {
      await putBack();
    }
  }, 120_000);
});

describe.skipIf(!servers.postgres)("a Next application built by webpack", () => {
  afterAll(() => program?.stop());

  it("finds pg from the bundled library", async () => {
    await project.build("webpack", postgres.address);
    const base = await run(project.start(postgres.address));
    expect(await countVisits(base, "/inside")).toBe("visits=1; visits=2; visits=3;");
    expect(await countVisits(base, "/by-hand")).toBe("visits=1; visits=2; visits=3;");
  }, 120_000);
});

describe.skipIf(!servers.postgres)('a Next application with output: "standalone"', () => {
  const standalone = { OUTPUT: "standalone" };
  afterAll(() => program?.stop());

  it("cannot include a driver that only the library loads, and says what to install", async () => {
    await project.build("turbopack", postgres.address, standalone);
    const base = await run(project.startStandalone(postgres.address));
    expect((await fetch(`${base}/inside`)).status).toBe(500);
    expect(program?.output()).toContain(SENTENCE);
  }, 120_000);

  it("includes the driver for a pool that the application creates itself", async () => {
    await project.addOwnPool();
    await project.build("turbopack", postgres.address, standalone);
    const base = await run(project.startStandalone(postgres.address));
    expect(await countVisits(base, "/own-pool")).toBe("visits=1; visits=2; visits=3;");
  }, 120_000);
});
