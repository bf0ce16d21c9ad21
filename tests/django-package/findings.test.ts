/**
 * What is found about requests of real Django sites, and what "Why?" says about it: each in its case, and not in the nearest one in
 * which it would be false.
 */
import type { Trace } from "session-bridge/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explain } from "../../extension/logic/explain/explain.ts";
import { traceChips } from "../../extension/logic/timeline/trace-chips.ts";
import { facts } from "../extension/logic/explain/material.ts";
import { hasDjango } from "../interop/django-packages.ts";
import { call } from "../sources/panel-client.ts";
import { startTracedSite, type TracedSite, urlsOf } from "./traced-site.ts";

const VIEWS = urlsOf(`from threading import Event


def begin(request):
    request.session.flush()
    request.session["cart"] = []
    return HttpResponse("begun")


def append(request):
    request.session["cart"].append("tea")
    return HttpResponse("appended")


def mark(request):
    request.session["cart"].append("tea")
    request.session.modified = True
    return HttpResponse("marked")


def assign(request):
    request.session["cart"] = [*request.session["cart"], "tea"]
    return HttpResponse("assigned")


def same(request):
    request.session["cart"] = request.session["cart"]
    return HttpResponse("assigned the same")


def look(request):
    return HttpResponse(str(request.session.get("cart")))


def fail(request):
    request.session["cart"] = ["tea"]
    return HttpResponse("failed", status=500)


def user(request):
    request.session["user_id"] = 7
    return HttpResponse("logged in by hand")


def cycle(request):
    request.session["user_id"] = 8
    request.session.cycle_key()
    return HttpResponse("logged in with a new key")


def gone(request):
    request.session["cart"] = ["tea"]
    type(request.session)(request.session.session_key).delete()
    return HttpResponse("another request logged out meanwhile")


ENTERED, RELEASED = Event(), Event()


def held(request):
    request.session["cart"]
    ENTERED.set()
    RELEASED.wait(20)
    request.session["held"] = 1
    return HttpResponse("held")


def meanwhile(request):
    ENTERED.wait(20)
    request.session["cake"] = 1
    return HttpResponse("meanwhile")


def release(request):
    RELEASED.set()
    return HttpResponse("released")


def stream(request):
    request.session["cart"]

    def body():
        yield "first"
        request.session["late"] = 1
        yield "last"

    return StreamingHttpResponse(body())
`);
const APPENDS = `mysite/urls.py:${VIEWS.split("\n").findIndex((line) => line.includes(".append(")) + 1}`;
const TAMPER = `
from django.contrib.sessions.models import Session
Session.objects.update(session_data="damaged:data:here")
`;

const why = (trace: Trace) => explain({ ...facts({ request: null }), library: "Django", trace });
const codesOf = ({ findings }: Trace) => findings.map(({ code }) => code);

const SERIES = process.env["SESSIONS_FIELD"] === "true" ? (["3.2", "5.2"] as const) : (["5.2"] as const);

for (const series of SERIES) {
  const there = await hasDjango(series);
  describe.skipIf(!there)(`Django ${series}`, () => {
    let traced: TracedSite;
    beforeAll(async () => {
      traced = await startTracedSite({ series, files: { "mysite/urls.py": VIEWS } });
    });
    afterAll(() => traced?.stop());

    /** The trace of a request with a new session that holds an empty cart. */
    async function play(path: string, enough?: (trace: Trace) => boolean): Promise<Trace> {
      await traced.visit("/begin/");
      return traced.visit(path, enough);
    }

    it("finds a change inside a value that was not marked, with the line that read the value", async () => {
      const trace = await play("/append/");
      expect(trace.findings).toEqual([{ code: "unmarked-change", keys: ["cart"], lines: [APPENDS] }]);
      expect(trace.changes).toEqual([]);
      expect(why(trace)[0]?.sentence).toContain(`It was last read by ${APPENDS}`);
      expect(traceChips(trace).map(({ text }) => text)).toEqual(["will not be saved"]);
      const asked = { protocol: 1, cookie: traced.cookie };
      const { answer } = await call(traced.bridge, "session", asked);
      expect(answer).toMatchObject({ found: true, session: { dataJson: '{"cart":[]}' } });
    });

    it.each(["/mark/", "/assign/"])("does not find a change that Django stored: %s", async (path) => {
      const trace = await play(path);
      expect(trace.findings).toEqual([]);
      expect(trace.changes).toMatchObject([{ key: "cart", kind: "changed" }]);
    });

    it("finds nothing where the value was only read", async () => {
      expect((await play("/look/")).findings).toEqual([]);
    });

    it("finds a change that the status kept from being stored as that, and not as unmarked", async () => {
      const trace = await play("/fail/");
      expect(trace.findings).toEqual([{ code: "unsaved-change", keys: ["cart"] }]);
      expect(why(trace)[0]?.sentence).toContain("Django does not store a session when the response is 500.");
    });

    it("finds a save of what is stored already", async () => {
      expect(codesOf(await play("/same/"))).toEqual(["needless-save"]);
    });

    it("finds a login that kept its key, and none with a new key", async () => {
      expect((await play("/user/")).findings).toEqual([{ code: "login-without-new-key", keys: ["user_id"] }]);
      expect((await play("/cycle/")).findings).toEqual([]);
    });

    it("finds an update that is lost, and says in Django's words how to keep it", async () => {
      await traced.visit("/begin/");
      const held = traced.visit("/held/");
      const meanwhile = await traced.visit("/meanwhile/");
      await traced.visit("/release/");
      const trace = await held;
      expect(trace.findings).toEqual([{ code: "lost-update", keys: ["cake"], traces: [meanwhile.id] }]);
      expect(why(trace)[0]?.remedy).toContain("select_for_update()");
    });

    it("finds a change that came after the response had begun", async () => {
      const trace = await play("/stream/", ({ findings }) => findings.length > 0);
      expect(trace.findings).toEqual([{ code: "late-change", keys: ["late"] }]);
    });

    it("says of a session that was deleted while the request ran why nothing was saved", async () => {
      const trace = await play("/gone/");
      expect(trace.request.status).toBe(400);
      expect(why(trace).map(({ rule }) => rule)).toContain("interrupted");
    });

    it("says of a key that the store does not have that it has no session, and not that it had expired", async () => {
      await traced.visit("/begin/");
      traced.cookie = "0123456789abcdefghijklmnopqrstuv";
      const rules = why(await traced.visit("/look/")).map(({ rule }) => rule);
      expect(rules).toContain("unknown-key");
      expect(rules).not.toContain("expired-session");
    });

    it("says of a row that was changed that it cannot be read", async () => {
      await traced.visit("/begin/");
      expect((await traced.site.python(["manage.py", "shell", "-c", TAMPER])).code).toBe(0);
      expect(why(await traced.visit("/look/")).map(({ rule }) => rule)).toContain("stored-unreadable");
    });
  });
}
