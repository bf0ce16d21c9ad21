/** An unchanged Django project with a bridge next to it: read, edit, expiry, new key, flush, on its own table. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type LoopbackServer,
  openLoopbackServer,
} from "../../../server-bridge/src/bridge/servers/loopback-server.ts";
import { djangoSource } from "../../../server-bridge/src/sources/django/django.ts";
import { readDjangoSettings } from "../../../server-bridge/src/sources/django/django-settings.ts";
import { freePort } from "../../django-package/site.ts";
import { djangoFolder, PYTHON } from "../../interop/django-packages.ts";
import { call } from "../panel-client.ts";

const project = join(import.meta.dirname, "../../../examples/with-django");
const folder = mkdtempSync(join(tmpdir(), "sessions-django-"));
let site = "";
let django: ChildProcess;
let bridge: LoopbackServer;
let base = "";
let closeSource: () => Promise<void>;

beforeAll(async () => {
  const port = await freePort();
  site = `http://localhost:${port}`;
  const env = {
    ...process.env,
    EXAMPLE_DATABASE: join(folder, "db.sqlite3"),
    PYTHONPATH: await djangoFolder("3.2"),
    PYTHONDONTWRITEBYTECODE: "1",
  };
  Object.assign(process.env, { EXAMPLE_DATABASE: env.EXAMPLE_DATABASE, PYTHONPATH: env.PYTHONPATH });
  execFileSync(PYTHON, ["manage.py", "migrate", "--verbosity", "0"], { cwd: project, env });
  django = spawn(PYTHON, ["manage.py", "runserver", "--noreload", String(port)], {
    cwd: project,
    env,
    stdio: "ignore",
  });
  await vi.waitFor(() => fetch(site), { timeout: 30_000, interval: 100 });
  const settings = await readDjangoSettings("mysite.settings", project, PYTHON);
  const opened = djangoSource({
    database: settings.database ?? "",
    secretKey: [settings.secretKey, ...settings.secretKeyFallbacks],
    cookieAge: settings.cookieAge,
    serves: [site],
    version: settings.version,
  });
  closeSource = opened.close;
  bridge = await openLoopbackServer(opened.source, { log: () => {} }, [0]);
  base = `http://127.0.0.1:${bridge.port}`;
}, 120_000);

afterAll(async () => {
  await bridge?.close();
  await closeSource?.();
  django?.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

describe("the settings of a site with django-session-bridge", () => {
  const read = async (lines: string) => {
    const at = mkdtempSync(join(folder, "settings-"));
    writeFileSync(join(at, "own_settings.py"), `SECRET_KEY = "x"\nUSE_TZ = True\n${lines}\n`);
    const path = process.env["PYTHONPATH"] ?? "";
    process.env["PYTHONPATH"] = [PACKAGE, path].join(delimiter);
    try {
      return await readDjangoSettings("own_settings", at, PYTHON);
    } finally {
      process.env["PYTHONPATH"] = path;
    }
  };
  const app = 'INSTALLED_APPS = ["session_bridge"]';
  const middleware = 'MIDDLEWARE = ["session_bridge.middleware.SessionBridgeMiddleware"]';

  it("say where it reports its requests only if its middleware is there: without it, nothing is traced", async () => {
    expect(await read("")).toMatchObject({ hasCommand: false, channel: null });
    expect(await read(app)).toMatchObject({ hasCommand: true, channel: null });
    const { channel } = await read(`${app}\n${middleware}`);
    expect(channel?.name).toMatch(/^[0-9a-f]{32}$/);
  });
});
const PACKAGE = join(import.meta.dirname, "../../../server-bridge/django-package");

describe("the bridge next to a Django site", () => {
  it("opens although browsers refuse the site's cookie, which is for the tab to say", async () => {
    const site = { database: "sqlite::memory:", secretKey: "x", serves: [] };
    const refused = { cookieName: "__Host-sid", cookieDomain: "localhost:8000", cookiePath: "app" };
    const { source, close } = djangoSource({ ...site, ...refused, cookieSecure: false });
    expect(source.cookieNames).toEqual(["__Host-sid"]);
    await close();
  });

  it("says whose site it reads for, that it is Django's, and that there are no traces", async () => {
    const { answer } = await call(base, "hello", { protocol: 1 });
    expect(answer).toMatchObject({
      library: { name: "Django", version: "3.2.25" },
      engine: "db",
      serves: [site],
      cookieNames: ["sessionid"],
    });
    expect(answer.capabilities).not.toContain("traces");
    expect(answer.capabilities).toContain("conflicts");
  });

  it("reads what a login stored in the session, and when it expires", async () => {
    const { answer } = await call(base, "session", { protocol: 1, cookie: await login() });
    if (!answer.found) throw new Error("there is no session");
    expect(answer.session.dataJson).toBe('{"user_id":123,"username":"john_doe"}');
    expect((answer.session.expiresAt ?? 0) - answer.serverTime).toBeGreaterThan(3590_000);
    expect(answer.session).toMatchObject({ ageSeconds: 3600, atBrowserClose: false });
  });

  it("edits a value that Django's next response shows, and notices a conflict", async () => {
    const cookie = await login();
    const ifVersion = await version(cookie);
    const operations = [{ op: "set" as const, path: ["username"], valueJson: '"ada"' }];
    expect((await call(base, "edit", { protocol: 1, cookie, operations, ifVersion })).status).toBe(200);
    expect(await home(cookie)).toContain("You are ada.");
    expect((await call(base, "edit", { protocol: 1, cookie, operations, ifVersion })).status).toBe(409);
  });

  it("gives the session a new key that Django accepts", async () => {
    const cookie = await login();
    const { answer } = await call(base, "cycle", { protocol: 1, cookie, ifVersion: await version(cookie) });
    expect(await home(answer.cookie ?? "")).toContain("You are john_doe.");
    expect(await home(cookie)).toContain("You are not logged in");
  });

  it("lets the session expire as if an hour had passed, and restores it", async () => {
    const cookie = await login();
    const change = { kind: "shift" as const, shiftSeconds: 3601 };
    const { answer } = await call(base, "expiry", {
      protocol: 1,
      cookie,
      change,
      ifVersion: await version(cookie),
    });
    expect(await home(cookie)).toContain("You are not logged in");
    await call(base, "restore", { protocol: 1, cookie, kept: answer.kept, replaces: null });
    expect(await home(cookie)).toContain("You are john_doe.");
  });

  it("refuses a datetime as the expiry, because this Django could not save the session again", async () => {
    const cookie = await login();
    const ifVersion = await version(cookie);
    const change = { kind: "at" as const, at: Date.now() + 600_000 };
    const path = ["_session_expiry"];
    const operations = [{ op: "set" as const, path, valueJson: '"2999-01-01T00:00:00+00:00"' }];
    const refused = { status: 403, answer: { code: "malformed" } };
    expect(await call(base, "expiry", { protocol: 1, cookie, change, ifVersion })).toMatchObject(refused);
    expect(await call(base, "edit", { protocol: 1, cookie, operations, ifVersion })).toMatchObject(refused);
    const seconds = { kind: "seconds" as const, seconds: 600 };
    const set = await call(base, "expiry", { protocol: 1, cookie, change: seconds, ifVersion });
    expect(set.status).toBe(200);
    expect((await postLogin(cookie)).status).toBe(302);
  });

  it("flushes the session, and Django no longer knows the visitor", async () => {
    const cookie = await login();
    await call(base, "flush", { protocol: 1, cookie, ifVersion: await version(cookie) });
    expect(await home(cookie)).toContain("You are not logged in");
  });

  it("reads settings that print output", async () => {
    const loud = join(folder, "loud.py");
    writeFileSync(loud, 'print("DEBUG is on")\nSECRET_KEY = "loud"\n');
    expect(await readDjangoSettings("loud", folder, PYTHON)).toMatchObject({ secretKey: "loud" });
  });

  it("reads a database address that is a Unix socket", async () => {
    const engine = '"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "USER": "me"';
    const text = `SECRET_KEY = "x"\nDATABASES = {"default": {${engine}, "HOST": "/run/postgresql"}}\n`;
    writeFileSync(join(folder, "socketed.py"), text);
    expect(await readDjangoSettings("socketed", folder, PYTHON)).toMatchObject({
      database: "postgres://me@%2Frun%2Fpostgresql/shop", // as pg's own addresses have it
    });
  });

  it("does not start when the settings cannot be read, and says what to do", async () => {
    await expect(readDjangoSettings("no.such.settings", project, PYTHON)).rejects.toThrow(
      /there is no module no\.such\.settings .*manage\.py names mysite\.settings/,
    );
  });
});

async function login(): Promise<string> {
  return /sessionid=([^;]*)/.exec((await postLogin()).headers.getSetCookie().join("\n"))?.[1] ?? "";
}

async function postLogin(cookie = ""): Promise<Response> {
  const page = await fetch(site);
  const csrf = /csrftoken=([^;]*)/.exec(page.headers.getSetCookie().join("\n"))?.[1] ?? "";
  const token = /name="csrfmiddlewaretoken" value="([^"]*)"/.exec(await page.text())?.[1] ?? "";
  return fetch(`${site}/login`, {
    method: "POST",
    redirect: "manual",
    headers: {
      cookie: `csrftoken=${csrf}; sessionid=${cookie}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams({ csrfmiddlewaretoken: token }),
  });
}

async function home(cookie: string): Promise<string> {
  return (await fetch(site, { headers: { cookie: `sessionid=${cookie}` } })).text();
}

async function version(cookie: string): Promise<string> {
  const { answer } = await call(base, "session", { protocol: 1, cookie });
  return answer.found ? answer.session.version : "";
}
