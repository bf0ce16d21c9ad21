/**
 * Attacker: a visitor of a Django site, from anywhere. Holds: a request with a method or a key of the session that is longer than the
 * bridge takes. Wants: that the bridge closes the channel, so that the requests of others are not traced.
 */
import { request } from "node:http";
import { expect, it } from "vitest";
import { startTracedSite, urlsOf } from "../../django-package/traced-site.ts";
import { hasDjango } from "../../interop/django-packages.ts";
import { later } from "../kit/scene.ts";

const VIEWS = urlsOf(`from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def note(request):
    if "long" in request.GET:
        request.session["k" * 200_000] = 1
    request.session["note"] = 1
    return HttpResponse("noted")
`);

/** Resolves when the response is there. */
function send(url: string, method: string, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, agent: false }, (response) => {
      response.resume().once("end", resolve);
    });
    sent.once("error", reject).end();
  });
}

for (const series of ["3.2", "5.2"] as const) {
  it.skipIf(!(await hasDjango(series)))(
    `Django ${series}: the next request is traced`,
    async () => {
      const traced = await startTracedSite({ series, files: { "mysite/urls.py": VIEWS } });
      later(() => traced.stop());
      await traced.visit("/note/");
      for (const [method, path] of [
        ["A".repeat(5_000), "/note/"],
        ["GET", "/note/?long=1"],
        ["GET", `/${"%FF".repeat(20_000)}`],
      ] as const) {
        await send(traced.site.url, method, path);
        expect((await traced.visit("/note/")).after?.dataJson).toBe('{"note":1}');
      }
    },
    60_000,
  );
}
