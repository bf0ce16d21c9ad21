"""What a record says about a request: in every engine of Django's, of reads, writes, logins, failures and late changes."""

from __future__ import annotations

import inspect
import json
import logging
import unittest
from pathlib import Path
from threading import Thread
from typing import Any
from unittest import mock

from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from session_bridge.watch import mark_logins

from . import request_kit
from .request_kit import ENGINES, Visitor, ok


def names(trace: dict[str, Any]) -> list[str]:
    """Return the names of the trace's operations."""
    return [one["name"] for one in trace["operations"]]


def log_in(request: HttpRequest) -> None:
    """Log in as Django does, and note the user as the guide does."""
    login(request, User.objects.get_or_create(username="ada")[0], "django.contrib.auth.backends.ModelBackend")
    request.session["user_id"] = 123


def _answering_errors(view: Any) -> Any:
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    return convert_exception_to_response(SessionMiddleware(view))


def line_of(function: Any, text: str) -> str:
    """Return the number of the line of this function that holds the text, behind its file's name."""
    lines, first = inspect.getsourcelines(function)
    at = next(index for index, line in enumerate(lines) if text in line)
    return f"{Path(inspect.getfile(function)).name}:{first + at}"


class EveryEngine(unittest.TestCase):
    """The story of a visitor, in each engine."""

    @classmethod
    def setUpClass(cls) -> None:
        mark_logins()

    def test_a_first_write_creates_a_session(self) -> None:
        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                trace = visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
                self.assertNotIn("loaded", trace)
                self.assertEqual(names(trace), ["create"])
                self.assertEqual(json.loads(trace["after"]["json"]), {"cart": ["boots"]})
                self.assertEqual(trace["after"]["key"], visitor.cookie)
                self.assertEqual(trace["cookie"]["action"], "set")
                self.assertEqual(trace["cookie"]["maxAge"], 1209600)
                self.assertNotIn("incomplete", trace)

    def test_a_login_loads_cycles_and_saves(self) -> None:
        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
                before = visitor.cookie
                trace = visitor.request(ok(log_in))
                self.assertEqual(names(trace), ["load", "cycle", "save"])
                self.assertEqual(trace["operations"][1]["reason"], "login")
                self.assertEqual(trace["loaded"]["key"], before)
                self.assertEqual(json.loads(trace["loaded"]["json"]), {"cart": ["boots"]})
                self.assertEqual(trace["after"]["key"], visitor.cookie)
                self.assertNotEqual(before, visitor.cookie)
                keys = ["cart", "_auth_user_id", "_auth_user_backend", "_auth_user_hash", "user_id"]
                self.assertEqual(list(json.loads(trace["after"]["json"])), keys)
                self.assertRegex(trace["writers"]["user_id"], line_of(log_in, '"user_id"') + "$")

    def test_a_logout_flushes(self) -> None:
        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(log_in))
                trace = visitor.request(ok(logout))
                self.assertEqual([each for each in names(trace) if each != "load"], ["flush"])
                self.assertEqual(trace["operations"][-1]["reason"], "logout")
                self.assertIsNone(trace["after"])
                self.assertEqual(trace["cookie"]["action"], "deleted")

    def test_a_page_that_never_looks_neither_loads_nor_marks_the_session(self) -> None:
        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(log_in))
                seen: list[Any] = []
                trace = visitor.request(ok(lambda request, seen=seen: seen.append(request.session)))
                self.assertEqual(trace["operations"], [])
                self.assertFalse(trace["accessed"])
                self.assertFalse(seen[0].accessed)
                self.assertNotIn("_session_cache", seen[0].__dict__)
                self.assertFalse(visitor.response.has_header("Vary"))
                self.assertIsNone(trace["unsaved"])

    def test_a_cookie_without_a_session_loads_nothing(self) -> None:
        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.cookie = "0123456789abcdef0123456789abcdef"
                trace = visitor.request(ok(lambda request: request.session.get("a")))
                self.assertIsNone(trace["loaded"])
                self.assertEqual(trace["operations"][0]["reason"], "no such session, or it has expired")
                if engine == "signed_cookies":
                    self.assertEqual(names(trace)[1], "reject")

    def test_what_the_view_changes_inside_a_value_without_a_mark_is_unsaved(self) -> None:
        def change(request: HttpRequest) -> None:
            request.session["cart"].append("laces")

        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
                trace = visitor.request(ok(change))
                self.assertEqual(json.loads(trace["unsaved"]), {"cart": ["boots", "laces"]})
                self.assertEqual(trace["unsavedWhy"], "unmarked")
                self.assertRegex(trace["readers"]["cart"], line_of(change, "append") + "$")
                self.assertEqual(json.loads(trace["after"]["json"]), {"cart": ["boots"]})
                # Django itself agrees
                seen: list[Any] = []
                visitor.request(ok(lambda request, seen=seen: seen.append(request.session["cart"])))
                self.assertEqual(seen, [["boots"]])

    def test_the_same_change_with_a_mark_is_saved(self) -> None:
        def change(request: HttpRequest) -> None:
            request.session["cart"].append("laces")
            request.session.modified = True

        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
                trace = visitor.request(ok(change))
                self.assertIsNone(trace["unsaved"])
                self.assertEqual(json.loads(trace["after"]["json"]), {"cart": ["boots", "laces"]})

    def test_a_session_that_the_view_deletes_was_not_changed_without_a_mark(self) -> None:
        def delete(request: HttpRequest) -> None:
            request.session["cart"]
            request.session.delete()

        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
                trace = visitor.request(ok(delete))
                self.assertEqual(names(trace), ["load", "delete"])
                self.assertIsNone(trace["after"])
                self.assertIsNone(trace["unsavedWhy"])

    def test_a_session_that_a_thread_loads_is_incomplete_and_was_not_changed_without_a_mark(self) -> None:
        def read(request: HttpRequest) -> Any:
            return request.session["cart"]

        def load_in_thread(request: HttpRequest) -> None:
            thread = Thread(target=read, args=(request,))
            thread.start()
            thread.join()

        def load_in_thread_and_read(request: HttpRequest) -> None:
            load_in_thread(request)
            read(request)

        for view in (load_in_thread, load_in_thread_and_read):
            for engine in ("cache", "signed_cookies"):
                with self.subTest(engine=engine, view=view):
                    visitor = Visitor(engine)
                    visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
                    trace = visitor.request(ok(view))
                    self.assertTrue(trace["accessed"])
                    self.assertEqual(trace["incomplete"], "other")
                    self.assertIsNone(trace["unsavedWhy"])

    def test_a_value_that_is_given_by_name_is_not_taken_for_a_key(self) -> None:
        def write(request: HttpRequest) -> None:
            request.session.pop(default="a secret", key="cart")
            request.session.setdefault(value=["a secret"], key="fresh")

        visitor = Visitor("db")
        visitor.request(ok(log_in))
        trace = visitor.request(ok(write))
        self.assertNotIn("a secret", [*trace["writers"], *trace.get("readers", {})])
        self.assertIn("cart", trace["writers"])

    def test_setdefault_names_the_writer_of_a_new_key(self) -> None:
        for engine in ENGINES:
            with self.subTest(engine):
                trace = Visitor(engine).request(ok(lambda request: request.session.setdefault("cart", [])))
                self.assertEqual(list(trace["writers"]), ["cart"])

    def test_at_status_500_nothing_is_saved(self) -> None:
        def fail(request: HttpRequest) -> HttpResponse:
            request.session["x"] = 1
            return HttpResponse(status=500)

        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(log_in))
                trace = visitor.request(fail)
                self.assertEqual(trace["unsavedWhy"], "status")
                self.assertEqual(trace["operations"][-1]["reason"], "status 500")
                self.assertNotIn("x", json.loads(trace["after"]["json"]))

    def test_a_save_that_fails_is_told_once_and_not_as_the_status_that_follows(self) -> None:
        def store_what_none_can(request: HttpRequest) -> HttpResponse:
            request.session["x"] = lambda: None
            return HttpResponse("ok")

        for engine in ENGINES:
            with self.subTest(engine):
                visitor = Visitor(engine)
                visitor.request(ok(log_in))
                # Django answers the error of its session middleware with 500
                with mock.patch.object(request_kit, "SessionMiddleware", _answering_errors):
                    trace = visitor.request(store_what_none_can)
                self.assertEqual(trace["status"], 500)
                self.assertEqual(names(trace), ["load", "not-saved"])
                self.assertRegex(trace["operations"][1]["reason"], "^the data cannot be stored")
                self.assertIn("x", json.loads(trace["unsaved"]))
                self.assertIsNone(trace["unsavedWhy"])

    def test_every_save_of_save_every_request_is_told(self) -> None:
        visitor = Visitor("db", SESSION_SAVE_EVERY_REQUEST=True)
        visitor.request(ok(log_in))
        trace = visitor.request(ok(lambda request: None))
        self.assertIn("save", names(trace))
        self.assertFalse(trace["modified"])
