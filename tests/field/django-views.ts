/** Pages of the sites of these tests, for both of Django's interfaces. */

import type { SiteServer } from "../django-package/site.ts";
import type { DjangoSeries } from "../interop/django-packages.ts";

const HEAD = `from asgiref.sync import sync_to_async
from django.db.backends.signals import connection_created
from django.http import HttpResponse, JsonResponse
from django.urls import path


# waiting for the disk would hide what is measured
def hurry(connection, **_):
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = OFF")


connection_created.connect(hurry)


def read_page(request):
    return HttpResponse(str(request.session.get("count")))


def count_page(request):
    seen = dict(request.session.items())
    request.session["count"] = seen.get("count", 0) + 1
    if "who" in request.GET:
        request.session["who"] = request.GET["who"]
    return JsonResponse(seen)


def fill_page(request):
    request.session["filling"] = "x" * int(request.GET["length"])
    return HttpResponse("filled")
`;

/** Before 5.1 a session could only be used in a thread. */
const IN_THREAD = `
read_async = sync_to_async(read_page)
count_async = sync_to_async(count_page)


async def read(request):
    return await read_async(request)


async def count(request):
    return await count_async(request)
`;

const WITH_AWAIT = `
async def read(request):
    return HttpResponse(str(await request.session.aget("count")))


async def count(request):
    seen = dict(await request.session.aitems())
    await request.session.aset("count", seen.get("count", 0) + 1)
    if "who" in request.GET:
        await request.session.aset("who", request.GET["who"])
    return JsonResponse(seen)
`;

const SYNC = `
read, count = read_page, count_page
`;

const PATHS = `
urlpatterns = [path("read/", read), path("count/", count), path("fill/", fill_page)]
`;

/** Files of a project: `/read/` only reads its session, `/count/` writes, and answers with what it had loaded. */
export function countingPages(series: DjangoSeries, server: SiteServer): Record<string, string> {
  const isAsync = server === "uvicorn" || server === "daphne";
  const views = isAsync ? (series === "3.2" ? IN_THREAD : WITH_AWAIT) : SYNC;
  return { "mysite/urls.py": HEAD + views + PATHS };
}
