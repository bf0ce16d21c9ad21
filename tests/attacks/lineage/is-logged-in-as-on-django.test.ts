/**
 * Attacker: Bob, in whose session an admin of a Django site looks: the view puts a store of Bob's key in the place of
 * `request.session`. Holds: their own cookie. Wants: to see what the admin requested.
 */
import { expect, it } from "vitest";
import { startCommand } from "../../django-package/command.ts";
import { startSite } from "../../django-package/site.ts";
import { urlsOf } from "../../django-package/traced-site.ts";
import { hasDjango } from "../../interop/django-packages.ts";
import { readCookie, readTraces } from "../../sources/panel-client.ts";
import { CANARY, later } from "../kit/scene.ts";

const VIEWS = urlsOf(`from django.contrib.sessions.backends.db import SessionStore


def begin(request):
    request.session["note"] = "${CANARY}"
    return HttpResponse("begun")


def become(request):
    request.session = SessionStore(request.GET["key"])
    request.session["seen"] = True
    return HttpResponse("became")


def mark(request):
    own = request.session
    request.session = SessionStore(request.GET["key"])
    request.session["seen"] = True
    request.session.save()
    request.session = own
    return HttpResponse("marked")


def last(request):
    return HttpResponse(str(request.session.get("note")))
`);

for (const [series, server] of [
  ["3.2", "runserver"],
  ["5.2", "uvicorn"],
] as const) {
  it.skipIf(!(await hasDjango(series)))(
    `Django ${series}, ${server}: the admin's requests are not in Bob's traces`,
    async () => {
      const site = await startSite({ series, server, files: { "mysite/urls.py": VIEWS } });
      later(() => site.stop());
      const command = await startCommand(site);
      later(() => command.stop());
      const visit = async (path: string, cookie = "") => {
        const headers = cookie === "" ? {} : { Cookie: `sessionid=${cookie}` };
        const response = await fetch(site.url + path, { headers });
        await response.arrayBuffer();
        return readCookie(response, "sessionid");
      };
      const [bob, admin] = [await visit("/begin/"), await visit("/begin/")];
      expect(await visit(`/become/?key=${bob}`, admin)).toBe(bob);
      await visit(`/mark/?key=${bob}`, admin);
      for (const one of [bob, admin]) await visit("/last/", one);
      for (const one of [bob, admin]) {
        const shown = await readTraces(`http://127.0.0.1:${command.port}`, [one], (traces) =>
          traces.some(({ request }) => request.path === "/last/"),
        );
        expect(shown.at(-1)?.before?.dataJson).toContain(CANARY);
        expect(shown.map(({ request }) => request.path)).toEqual(["/begin/", "/last/"]);
      }
    },
    90_000,
  );
}
