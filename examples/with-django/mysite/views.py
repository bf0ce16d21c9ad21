"""The login from the guide: `user_id` 123 and `username` john_doe in the session."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.views.decorators.http import require_POST

PAGE = """<!doctype html>
<html lang="en"><title>Django and the Sessions tab</title>
<h1>{% if username %}You are {{ username }}.{% else %}You are not logged in.{% endif %}</h1>
<form method="post" action="{% if username %}/logout{% else %}/login{% endif %}">
  {% csrf_token %}{% if username %}<button>Log out</button>{% else %}<button>Log in as john_doe</button>
  <label><input type="checkbox" name="forget"> Forget me when the browser closes</label>{% endif %}
</form></html>"""


def home(request):
    context = {"username": request.session.get("username")}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


@require_POST
def login(request):
    request.session["user_id"] = 123
    request.session["username"] = "john_doe"
    if "forget" in request.POST:
        request.session.set_expiry(0)
    request.session.cycle_key()
    return redirect("/")


@require_POST
def logout(request):
    request.session.flush()
    return redirect("/")
