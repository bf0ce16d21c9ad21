"""A login as the guide has it: `user_id` 123 and `username` john_doe in the session."""
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.views.decorators.http import require_POST

PAGE = """<!doctype html>
<html lang="en"><title>Django and the Sessions tab</title>
<h1>{% if username %}You are {{ username }}.{% else %}You are nobody yet.{% endif %}</h1>
<form method="post" action="{% if username %}/logout{% else %}/login{% endif %}">
  {% csrf_token %}<button>{% if username %}Log out{% else %}Log in as john_doe{% endif %}</button>
</form></html>"""


def home(request):
    context = {"username": request.session.get("username")}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


@require_POST
def login(request):
    request.session["user_id"] = 123
    request.session["username"] = "john_doe"
    request.session.cycle_key()
    return redirect("/")


@require_POST
def logout(request):
    request.session.flush()
    return redirect("/")
