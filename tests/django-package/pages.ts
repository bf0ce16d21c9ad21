/** Pages of a site that do to their session what people do: the guide's login, a cart, mistakes. */

/** Files of the project, by their path. */
export const VIEWS: Readonly<Record<string, string>> = {
  "mysite/views.py": `"""What people do to their sessions."""
import time

from django.http import HttpResponse, StreamingHttpResponse


def static_page(request):
    return HttpResponse("nothing")


def cart(request):
    request.session["cart"] = request.session.get("cart", []) + ["boots"]
    return HttpResponse(str(len(request.session["cart"])))


def enter(request):
    request.session.cycle_key()
    request.session["user_id"] = 123
    return HttpResponse("You are user 123.")


def leave(request):
    request.session.flush()
    return HttpResponse("You are a guest.")


def unmarked(request):
    request.session["cart"].append("laces")
    return HttpResponse(str(len(request.session["cart"])))


def broken(request):
    request.session["lost"] = True
    return HttpResponse("broken", status=500)


def slow(request):
    name = request.GET["key"]
    request.session.get(name)
    time.sleep(float(request.GET["seconds"]))
    request.session[name] = request.GET["value"]
    return HttpResponse(name)


def stream(request):
    return StreamingHttpResponse([b"one ", b"two"])


def show(request):
    return HttpResponse(str(sorted(request.session.items())))


def marked(request):
    request.session["cart"].append("laces")
    request.session.modified = True
    return HttpResponse(str(len(request.session["cart"])))


def count(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(f"Visit {request.session['visits']}.")


def fill(request):
    request.session["wishes"] = request.GET["letter"] * int(request.GET["bytes"])
    return HttpResponse(request.GET["letter"])


def home(request):
    return HttpResponse("<!doctype html><title>A stock site</title><h1>A stock site</h1>")
`,
  "mysite/urls.py": `"""The pages, and the admin."""
from django.contrib import admin
from django.urls import path

from . import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("static-page/", views.static_page),
    path("cart/", views.cart),
    path("enter/", views.enter),
    path("leave/", views.leave),
    path("unmarked/", views.unmarked),
    path("broken/", views.broken),
    path("slow/", views.slow),
    path("stream/", views.stream),
    path("show/", views.show),
    path("marked/", views.marked),
    path("count/", views.count),
    path("fill/", views.fill),
    path("", views.home),
]
`,
};
