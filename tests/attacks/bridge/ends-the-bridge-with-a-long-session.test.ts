/**
 * Attacker: a program on this machine that is a visitor of the Django site. Holds: the cookie of their own session, in which the site
 * stores what they send. Wants: that an answer about it is longer than the bridge takes from the command, and ends the bridge.
 */
import { expect, it } from "vitest";
import { startTracedSite, urlsOf } from "../../django-package/traced-site.ts";
import { hasDjango } from "../../interop/django-packages.ts";
import { call } from "../../sources/panel-client.ts";
import { CANARY, later } from "../kit/scene.ts";

const VIEWS = urlsOf(`
def begin(request):
    request.session["note"] = "${CANARY}"
    return HttpResponse("begun")


def fill(request):
    request.session["note"] = chr(0) * 5_000_000
    return HttpResponse("filled")
`);

it.skipIf(!(await hasDjango("5.2")))(
  "the others can still read theirs",
  async () => {
    const traced = await startTracedSite({ series: "5.2", files: { "mysite/urls.py": VIEWS } });
    later(() => traced.stop());
    await traced.visit("/begin/");
    const ask = async (cookie: string) => call(traced.bridge, "session", { protocol: 1, cookie });
    const response = await fetch(`${traced.site.url}/fill/`);
    const theirs = /sessionid=(\w+)/.exec(response.headers.getSetCookie().join())?.[1] ?? "";
    expect((await ask(theirs)).status).toBe(500);
    expect(JSON.stringify((await ask(traced.cookie)).answer)).toContain(CANARY);
  },
  60_000,
);
