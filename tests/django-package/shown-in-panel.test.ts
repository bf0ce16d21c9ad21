/** What the panel makes of Django's engines that are not a table: what it can read, and values that JSON has no form for. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { treeRows } from "../../extension/logic/json/tree-rows.ts";
import { BRIDGE_NOTICES } from "../../extension/logic/notices/bridge-notices.ts";
import { hasDjango } from "../interop/django-packages.ts";
import { call } from "../sources/panel-client.ts";
import { startTracedSite, type TracedSite, urlsOf } from "./traced-site.ts";

const VIEWS = urlsOf(`
def begin(request):
    from datetime import datetime, timezone

    request.session["seen"] = datetime(2026, 11, 30, 4, 21, tzinfo=timezone.utc)
    request.session["visits"] = 1
    return HttpResponse("begun")


def fill(request):
    import secrets

    request.session["wishes"] = secrets.token_urlsafe(2700)
    return HttpResponse("filled")
`);
const SEEN = "\u2039cut: Python datetime 2026-11-30T04:21:00+00:00\u203a";
const files = { "mysite/urls.py": VIEWS };
const there = await hasDjango("5.2");

/** The rows of a session's tree, as they are shown. */
function shownOf(json: string): Record<string, string> {
  const result = treeRows(json, new Map());
  return Object.fromEntries((result.ok ? result.rows : []).map(({ name, shown }) => [name, shown]));
}

describe.skipIf(!there)("a cache of files, whose values need not be JSON", () => {
  const settings = `CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": BASE_DIR / "cache"}}`;
  let traced: TracedSite;
  beforeAll(async () => {
    traced = await startTracedSite({ series: "5.2", engine: "cache", settings, files });
  });
  afterAll(() => traced?.stop());

  it("shows a datetime as what it is, in the trace and in the session, and keeps it at an edit", async () => {
    const { after } = await traced.visit("/begin/");
    expect(JSON.parse(after?.dataJson ?? "{}")).toMatchObject({ seen: SEEN });
    const { cookie } = traced;
    const { answer } = await call(traced.bridge, "session", { protocol: 1, cookie });
    if (!answer.found) throw new Error(answer.reason);
    expect(shownOf(answer.session.dataJson)["seen"]).toBe(
      "\u2039Python datetime 2026-11-30T04:21:00+00:00\u203a",
    );
    const { version } = answer.session;
    const edited = await call(traced.bridge, "edit", {
      protocol: 1,
      cookie,
      ifVersion: version,
      operations: [{ op: "set", path: ["visits"], valueJson: "2" }],
    });
    expect(edited.status, JSON.stringify(edited.answer)).toBe(200);
    const { stdout } = await readStored(traced);
    expect(stdout).toContain("datetime.datetime(2026, 11, 30, 4, 21, tzinfo=datetime.timezone.utc) 2");
  });
});

/** What Django itself now reads of the visitor's session. */
async function readStored({ site, cookie }: TracedSite): Promise<{ stdout: string }> {
  const ask = `from django.contrib.sessions.backends.cache import SessionStore; s = SessionStore("${cookie}"); print(repr(s["seen"]), s["visits"])`;
  return { stdout: (await site.python(["manage.py", "shell", "-c", ask])).output };
}

describe.skipIf(!there)("a cache in the site's memory", () => {
  let traced: TracedSite;
  beforeAll(async () => {
    traced = await startTracedSite({ series: "5.2", engine: "cache", files });
  });
  afterAll(() => traced?.stop());

  it("is not read, and its requests are shown", async () => {
    const trace = await traced.visit("/begin/");
    expect(trace.changes.map(({ key }) => key)).toEqual(["seen", "visits"]);
    const { answer: hello } = await call(traced.bridge, "hello", { protocol: 1 });
    expect(hello.capabilities).toEqual(["prove", "traces"]);
    const told = BRIDGE_NOTICES.find(({ name }) => name === "store-not-readable")?.tell({
      pageUrl: traced.site.url,
      pageOrigin: traced.site.url,
      claimedOrigin: null,
      offered: null,
      mark: null,
      isAnswered: true,
      isRecording: true,
      isDevServer: false,
      hasCalledApp: true,
      newToken: "",
      now: 0,
      link: { origin: traced.site.url, place: traced.bridge, standing: { state: "ready", hello } },
    });
    expect(told?.title).toBe("The stored session cannot be read from outside");
  });
});

describe.skipIf(!there)("signed cookies", () => {
  let traced: TracedSite;
  beforeAll(async () => {
    traced = await startTracedSite({ series: "5.2", engine: "signed_cookies", files });
  });
  afterAll(() => traced?.stop());

  it("near 4 KiB are found before browsers drop them", async () => {
    expect((await traced.visit("/fill/")).findings).toEqual([{ code: "near-4-kib" }]);
  });
});
