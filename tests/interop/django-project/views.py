"""Two views: one performs a list of operations on the visitor's session, the other runs a management command."""

import json
from datetime import datetime, timedelta

from django.core.management import call_command
from django.http import HttpResponse
from django.urls import path


def to_expiry(spec):
    """An argument of set_expiry: a number, null, {"datetime": ISO string} or {"timedelta": seconds}."""
    if isinstance(spec, dict):
        if "datetime" in spec:
            return datetime.fromisoformat(spec["datetime"])
        return timedelta(seconds=spec["timedelta"])
    return spec


def do(session, name, args):
    if name == "set":
        session[args[0]] = args[1]
    elif name == "delete":
        del session[args[0]]
    elif name == "items":
        return dict(session.items())
    elif name == "set_expiry":
        session.set_expiry(to_expiry(args[0]))
    elif name == "expiry":
        return {
            "age": session.get_expiry_age(),
            "date": session.get_expiry_date().isoformat(),
            "browser_close": session.get_expire_at_browser_close(),
        }
    elif name == "cycle_key":
        session.cycle_key()
    elif name == "flush":
        session.flush()
    elif name == "key":
        return session.session_key
    else:
        raise ValueError(f"no operation {name!r}")
    return None


def do_in(request, name, args):
    """Django's own login and logout need the request, and `django.contrib.auth` among the apps."""
    if name == "login":
        from django.contrib.auth import get_user_model, login

        user, _ = get_user_model().objects.get_or_create(username=args[0])
        login(request, user)
        return user.pk
    if name == "logout":
        from django.contrib.auth import logout

        return logout(request)
    return do(request.session, name, args)


def operate(request):
    """Body: [[name, argument…], …]. Returns the list of results, as Python writes JSON."""
    results = [do_in(request, name, args) for name, *args in json.loads(request.body)]
    return HttpResponse(json.dumps(results), content_type="application/json")


def command(request, name):
    call_command(name, verbosity=0)
    return HttpResponse("done")


urlpatterns = [path("operate", operate), path("command/<str:name>", command)]
