"""What a record says of the session's methods for async views, which came with Django 5.1."""

from __future__ import annotations

import json
import unittest
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from session_bridge.record import Record, current
from session_bridge.watch import mark_logins

from .request_kit import ENGINES, module_of, store_class
from .test_record import line_of, names


async def log_in(request: HttpRequest) -> None:
    """Log in, and note the user as the guide does."""
    user = (await User.objects.aget_or_create(username="ada"))[0]
    await auth.alogin(request, user, "django.contrib.auth.backends.ModelBackend")
    await request.session.aset("user_id", 123)


async def change(request: HttpRequest) -> None:
    """Change what is inside a value."""
    (await request.session.aget("cart")).append("laces")


async def write_all(request: HttpRequest) -> None:
    """Write by each method."""
    await request.session.aupdate({"cart": ["boots"]})
    await request.session.asetdefault("fresh", [])
    await request.session.apop("user_id", None)


async def fail_and_go_on(request: HttpRequest) -> None:
    """Catch an error of the store, and use it again."""
    await request.session.aset("x", lambda: None)
    try:
        await request.session.asave()
    except (TypeError, AttributeError, ValueError):
        pass
    await request.session.apop("x")
    await request.session.asave()


@unittest.skipUnless(hasattr(SessionBase, "aget"), "Django before 5.1 has no such methods")
class AsyncMethods(unittest.TestCase):
    """The story of a visitor, in each engine."""

    def setUp(self) -> None:
        mark_logins()
        self.cookie = ""

    def send(self, act: Any) -> dict[str, Any]:
        """Send a request to an async view that does this, and return its trace."""

        async def view(request: HttpRequest) -> HttpResponse:
            await act(request)
            return HttpResponse()

        async def send() -> dict[str, Any]:
            request = RequestFactory().get("/page")
            request.COOKIES["sessionid"] = self.cookie
            record = Record(request)
            current.set(record)
            response: Any = await SessionMiddleware(view)(request)
            if "sessionid" in response.cookies:
                self.cookie = response.cookies["sessionid"].value
            return record.finish(response)

        return async_to_sync(send)()

    def test_the_story_is_told_as_that_of_other_views(self) -> None:
        for engine in ENGINES:
            store_class(engine)
            with self.subTest(engine), override_settings(SESSION_ENGINE=module_of(engine)):
                self.cookie = ""
                trace = self.send(write_all)
                self.assertEqual(list(trace["writers"]), ["cart", "fresh", "user_id"])
                self.assertEqual(json.loads(trace["after"]["json"]), {"cart": ["boots"], "fresh": []})
                trace = self.send(log_in)
                self.assertEqual(names(trace), ["load", "cycle", "save"])
                self.assertEqual(trace["operations"][1]["reason"], "login")
                self.assertRegex(trace["writers"]["user_id"], line_of(log_in, '"user_id"') + "$")
                trace = self.send(change)
                self.assertEqual(trace["unsavedWhy"], "unmarked")
                self.assertRegex(trace["readers"]["cart"], line_of(change, "append") + "$")
                trace = self.send(fail_and_go_on)
                self.assertEqual(names(trace), ["load", "not-saved", "save", "save"])
                trace = self.send(auth.alogout)
                self.assertEqual([name for name in names(trace) if name != "load"], ["flush"])
                self.assertEqual(trace["operations"][-1]["reason"], "logout")
                self.assertIsNone(trace["after"])
