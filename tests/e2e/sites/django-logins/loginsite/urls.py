"""Django's own login and logout, a page that writes a key, and the other requests of a page."""

import time

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.template import engines
from django.urls import path

HOME = """<!doctype html><html lang="en"><title>Logins</title>
<h1>{% if user.is_authenticated %}You are {{ user.username }}.{% else %}You are not logged in.{% endif %}</h1>
<form method="post" action="/logout/?next=/?out={{ request.GET.n }}">{% csrf_token %}<button>Log out</button></form>
<img alt="" src="/nearby/?image={{ request.GET.n }}">
<script>
const loaded = new Promise((resolve) => addEventListener("load", resolve));
Promise.all([fetch("/nearby/?fetch={{ request.GET.n }}"), loaded]).then(() => document.body.append("All is loaded."));
</script></html>"""
LOGIN = """<!doctype html><html lang="en"><title>Log in</title>
<form method="post">{% csrf_token %}{{ form.as_p }}<button>Log in</button></form></html>"""


def render(request, template, **context):
    return HttpResponse(
        engines["django"].from_string(template).render({"request": request, **context}, request)
    )


class Login(LoginView):
    """Django's login, with its template in this file; slow on request."""

    def render_to_response(self, context, **_):
        return render(self.request, LOGIN, form=context["form"])

    def form_valid(self, form):
        response = super().form_valid(form)
        time.sleep(float(self.request.GET.get("slow", "0")))
        return response


def home(request):
    return render(request, HOME, user=request.user)


def nearby(request):
    """Reads the session and saves nothing."""
    return HttpResponse(f"{len(request.session.keys())} keys", content_type="text/plain")


def write(request):
    request.session["seen"] = request.GET.get("n", "")
    return render(request, "<!doctype html><title>Written</title><p>Written {{ request.GET.n }}.</p>")


urlpatterns = [
    path("", home),
    path("login/", Login.as_view()),
    path("logout/", LogoutView.as_view()),
    path("nearby/", nearby),
    path("write/", write),
]
