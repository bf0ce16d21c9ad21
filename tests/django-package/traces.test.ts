/**
 * One visitor's story on a real site of each engine: guest, cart, login, an edit in the tab, logout. What the traces say of it is
 * compared with what the views do, and what the tab reads with what lies in the store, which reading must not change.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Trace } from "session-bridge/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DjangoSeries, hasDjango } from "../interop/django-packages.ts";
import { call, readEvents } from "../sources/panel-client.ts";
import { OWN_ENGINE } from "./own-engine.ts";
import { startTracedSite, type TracedSite, urlsOf } from "./traced-site.ts";

const VIEWS = `from datetime import datetime, timezone
from django.conf import settings
from django.contrib.auth import get_user_model, login, logout


def plain(request):
    return HttpResponse("nothing of the session")


def look(request):
    return HttpResponse(str(request.session.get("cart")))


def since(request):
    return HttpResponse(repr(request.session["since"]))


def buy(request):
    request.session["cart"] = request.session.get("cart", []) + ["boots"]
    if settings.KEEPS_DATETIMES:
        request.session["since"] = datetime(2026, 11, 30, 4, 21, tzinfo=timezone.utc)
    return HttpResponse("bought")


def enter(request):
    login(request, get_user_model().objects.get())
    return HttpResponse("logged in")


def leave(request):
    logout(request)
    return HttpResponse("logged out")
`;
const CART_LINE = 'request.session["cart"] = request';
const URLS = urlsOf(VIEWS);
const SINCE = "\u2039cut: Python datetime 2026-11-30T04:21:00+00:00\u203a";

/** The line of the site's code that has this text, as traces name it. */
const lineOf = (text: string) =>
  `mysite/urls.py:${URLS.split("\n").findIndex((line) => line.includes(text)) + 1}`;

const SETTINGS = `
CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": BASE_DIR / "cache"}}
SESSION_FILE_PATH = str(BASE_DIR / "files")
(BASE_DIR / "files").mkdir(exist_ok=True)
`;
const PICKLED = 'SESSION_SERIALIZER = "django.contrib.sessions.serializers.PickleSerializer"\n';

interface Case {
  series: DjangoSeries;
  engine: string;
  settings?: string;
  files?: Readonly<Record<string, string>>;
  /** Whether the engine stores values that JSON has no form for. */
  keepsDatetimes?: boolean;
  /** Whether the cookie carries the session, so that no one but the site can change it. */
  isCarried?: boolean;
}

const CASES: readonly Case[] = [
  { series: "5.2", engine: "db" },
  { series: "5.2", engine: "cached_db" },
  { series: "5.2", engine: "cache", keepsDatetimes: true },
  { series: "5.2", engine: "file" },
  { series: "5.2", engine: "signed_cookies", isCarried: true },
  { series: "5.2", engine: "mysite.models", ...OWN_ENGINE },
  { series: "3.2", engine: "db", settings: PICKLED, keepsDatetimes: true },
  { series: "3.2", engine: "cache", keepsDatetimes: true },
];

const changesOf = ({ changes }: Trace) =>
  changes.map(({ key, kind, writer }) => `${kind} ${key} by ${writer}`);
const operationsOf = ({ operations }: Trace) =>
  operations.map(({ name, reason }) => (reason === undefined ? name : `${name}: ${reason}`));
const sidesOf = ({ before, after }: Trace) =>
  [before, after].map((side) => side && Object.keys(JSON.parse(side.dataJson)));
const titleOf = ({ series, engine, settings }: Case) =>
  `Django ${series}, engine ${engine}${settings === PICKLED ? ", pickled" : ""}`;

/** Those that `npm test` plays: the rest share their code with one of these. */
const SMALL: readonly Case[] = CASES.filter(
  ({ series, engine, settings }) =>
    (series === "5.2" && !["cached_db", "file"].includes(engine)) || settings === PICKLED,
);

for (const one of process.env["SESSIONS_FIELD"] === "true" ? CASES : SMALL) {
  const there = await hasDjango(one.series);
  describe.skipIf(!there)(titleOf(one), () => describeStory(one));
}

function describeStory({ series, engine, isCarried = false, keepsDatetimes = false, ...one }: Case): void {
  const SHOP = keepsDatetimes ? ["cart", "since"] : ["cart"];
  const USER = ["_auth_user_id", "_auth_user_backend", "_auth_user_hash"];
  let traced: TracedSite;
  beforeAll(async () => {
    const keeps = `KEEPS_DATETIMES = ${keepsDatetimes ? "True" : "False"}\n`;
    traced = await startTracedSite({
      ...{ series, engine, settings: `${SETTINGS}${keeps}${one.settings ?? ""}` },
      files: { ...one.files, "mysite/urls.py": URLS },
    });
  });
  afterAll(() => traced?.stop());

  /** The visitor comes back as a guest, and plays these requests; returns the trace of the last one. */
  async function play(...paths: [string, ...string[]]): Promise<Trace> {
    traced.cookie = "";
    const [last = "", ...before] = paths.toReversed();
    for (const path of before.toReversed()) await traced.visit(path);
    return traced.visit(last);
  }

  it("a page that does not look at the session has a trace that says so, and does not vary by cookie", async () => {
    const trace = await play("/plain/");
    expect(trace).toMatchObject({ touched: false, before: null, after: null, operations: [], cookie: null });
    expect((await ask(traced, "/plain/")).vary ?? "").not.toContain("Cookie");
  });

  it("a guest who looks has no session, and gets none", async () => {
    const trace = await play("/look/");
    expect(trace).toMatchObject({ touched: true, before: null, after: null, changes: [], cookie: null });
    expect((await ask(traced, "/look/")).vary).toContain("Cookie");
  });

  it("the first thing in the cart makes a session, with the line that wrote it", async () => {
    const trace = await play("/buy/");
    expect(sidesOf(trace)).toEqual([null, SHOP]);
    expect(changesOf(trace)[0]).toBe(`added cart by ${lineOf(CART_LINE)}`);
    expect(operationsOf(trace)).toEqual(["create"]);
    expect(trace).toMatchObject({ newKey: true, findings: [], cookie: { action: "set", maxAge: 1_209_600 } });
  });

  it("the second one is a change, of this key alone", async () => {
    const trace = await play("/buy/", "/buy/");
    expect(changesOf(trace)).toEqual([`changed cart by ${lineOf(CART_LINE)}`]);
    expect(operationsOf(trace)).toEqual(["load", "save"]);
    expect(trace).toMatchObject({ newKey: false, findings: [] });
  });

  it("a login adds Django's keys, and gives the session a new key", async () => {
    const trace = await play("/buy/", "/enter/");
    expect(sidesOf(trace)).toEqual([SHOP, [...SHOP, ...USER]]);
    expect(changesOf(trace)).toEqual(USER.map((key) => `added ${key} by ${lineOf("login(request, ")}`));
    expect(operationsOf(trace)).toEqual(["load", "cycle: login", "save"]);
    // a cookie that carries its session has no key
    expect(trace).toMatchObject({ newKey: !isCarried, findings: [], cookie: { action: "set" } });
  });

  it("a logout flushes the session, and deletes the cookie", async () => {
    const trace = await play("/buy/", "/enter/", "/leave/");
    expect(sidesOf(trace)).toEqual([[...SHOP, ...USER], null]);
    expect(operationsOf(trace)).toEqual(["load", "flush: logout"]);
    expect(trace).toMatchObject({
      ...{ newKey: false, flushedKeys: SHOP.length + USER.length, findings: [] },
      cookie: { action: "deleted", maxAge: 0 },
    });
    expect(await read(traced)).toEqual({ found: false, reason: "no-cookie" });
  });

  const editing = async () => {
    await play("/buy/", "/enter/");
    const { session } = await readFound(traced);
    const operations = [{ op: "set" as const, path: ["cart"], valueJson: '["hat"]' }];
    const asked = { protocol: 1, cookie: traced.cookie, operations, ifVersion: session.version };
    const edited = await call(traced.bridge, "edit", asked);
    expect(edited.status, JSON.stringify(edited.answer)).toBe(200);
    expect(edited.answer.session?.expiresAt).toBe(session.expiresAt);
    expect((await ask(traced, "/look/")).body).toBe("['hat']");
    const next = await traced.visit("/buy/");
    expect(JSON.parse(next.before?.dataJson ?? "{}")).toMatchObject({ cart: ["hat"], _auth_user_id: "1" });
    expect(JSON.parse(next.after?.dataJson ?? "{}")).toMatchObject({ cart: ["hat", "boots"] });
    expect(await call(traced.bridge, "edit", asked)).toMatchObject({
      status: 409,
      answer: { code: "conflict" },
    });
    expect(operationsOf(await traced.visit("/leave/"))).toEqual(["load", "flush: logout"]);
  };

  const refusing = async () => {
    await play("/buy/");
    const { session } = await readFound(traced);
    const operations = [{ op: "set" as const, path: ["cart"], valueJson: '["hat"]' }];
    const asked = { protocol: 1, cookie: traced.cookie, operations, ifVersion: session.version };
    expect((await call(traced.bridge, "edit", asked)).answer).toMatchObject({ code: "capability" });
  };

  if (isCarried) it("refuses to edit what only the site can sign", refusing);
  else it("shows the tab's edit in Django's next response, and in its trace", editing);

  if (keepsDatetimes)
    it("shows a datetime as one, and keeps it where it is when its neighbour is edited", async () => {
      expect(JSON.parse((await play("/buy/")).after?.dataJson ?? "{}")).toMatchObject({ since: SINCE });
      const { session } = await readFound(traced);
      const operations = [{ op: "set" as const, path: ["cart"], valueJson: "[]" }];
      const asked = { protocol: 1, cookie: traced.cookie, operations, ifVersion: session.version };
      expect((await call(traced.bridge, "edit", asked)).status).toBe(200);
      expect((await ask(traced, "/since/")).body).toMatch(
        /^datetime\.datetime\(2026, 11, 30, 4, 21, tzinfo=/,
      );
      expect((await ask(traced, "/look/")).body).toBe("[]");
    });

  it("changes nothing in the store by reading: no byte, no time, no cached copy", async () => {
    const { id } = await play("/buy/", "/enter/", "/look/");
    rmSync(join(traced.site.folder, engine === "cached_db" ? "cache" : "none"), {
      recursive: true,
      force: true,
    });
    const before = listFiles(traced.site.folder);
    for (let time = 0; time < 20; time++) await readFound(traced);
    const unknown = { protocol: 1, cookie: "0123456789abcdefghijklmnopqrstuv" };
    expect((await call(traced.bridge, "session", unknown)).answer.found).toBe(false);
    for await (const event of readEvents(traced.bridge, [traced.cookie], [id]))
      if (event.type === "trace" && event.trace.id === id) break;
    expect(listFiles(traced.site.folder)).toEqual(before);
    expect(before.size).toBeGreaterThan(3);
  });
}

/** A request with the visitor's cookie, of which no trace is awaited. */
async function ask(
  { site, cookie }: TracedSite,
  path: string,
): Promise<{ vary: string | null; body: string }> {
  const response = await fetch(site.url + path, {
    headers: cookie === "" ? {} : { Cookie: `sessionid=${cookie}` },
  });
  return { vary: response.headers.get("Vary"), body: await response.text() };
}

/** What the tab reads. */
async function read({ bridge, cookie }: TracedSite) {
  const { serverTime: _, ...answer } = (await call(bridge, "session", { protocol: 1, cookie })).answer;
  return answer;
}

async function readFound(traced: TracedSite) {
  const answer = await read(traced);
  if (!answer.found) throw new Error(`there is no session: ${answer.reason}\n${traced.site.output()}`);
  return answer;
}

/** Every file of the project, with its time and a digest of its content: the database, the cache and the session files too. */
function listFiles(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const files = names.map((name) => ({ name, facts: statSync(join(folder, name), { bigint: true }) }));
  return new Map(
    files
      .filter(({ facts }) => facts.isFile())
      .map(({ name, facts }) => {
        const digest = createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex");
        return [name, `${facts.mtimeNs} ${digest}`];
      }),
  );
}
