"""What a record says about a request: in every engine of Django's, of reads, writes, logins, failures and late changes."""

from __future__ import annotations

import inspect
import json
import unittest
from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse
from session_bridge.record import current
from session_bridge.watch import mark_logins

from .request_kit import ENGINES, Visitor, ok


def names(trace: dict[str, Any]) -> list[str]:
    """Return the names of the trace's operations."""
    return [one["name"] for one in trace["operations"]]


def log_in(request: HttpRequest) -> None:
    """Log in as Django does, and note the user as the guide does."""
    login(request, User.objects.get_or_create(username="ada")[0], "django.contrib.auth.backends.ModelBackend")
    request.session["user_id"] = 123


def line_of(function: Any, text: str) -> str:
    """Return the number of the line of this function that holds the text, behind this file's name."""
    lines, first = inspect.getsourcelines(function)
    at = next(index for index, line in enumerate(lines) if text in line)
    return f"{__file__.rsplit('/', 1)[1]}:{first + at}"


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

    def test_every_save_of_save_every_request_is_told(self) -> None:
        visitor = Visitor("db", SESSION_SAVE_EVERY_REQUEST=True)
        visitor.request(ok(log_in))
        trace = visitor.request(ok(lambda request: None))
        self.assertIn("save", names(trace))
        self.assertFalse(trace["modified"])


class Database(unittest.TestCase):
    """What only the database engine knows, and sessions besides the request's own."""

    def test_both_sides_say_when_the_row_expires(self) -> None:
        visitor = Visitor("db")
        first = visitor.request(ok(lambda request: request.session.set_expiry(600)))
        row = DatabaseStore.get_model_class().objects.get(session_key=visitor.cookie)
        self.assertEqual(first["after"]["expiresAt"], round(row.expire_date.timestamp() * 1000))
        second = visitor.request(ok(lambda request: request.session.get("a")))
        self.assertEqual(second["loaded"]["expiresAt"], first["after"]["expiresAt"])
        self.assertEqual(second["after"], second["loaded"])

    def test_other_sessions_are_told_apart_by_their_key(self) -> None:
        other = DatabaseStore()
        other["secret"] = "of another user"
        other.create()

        def admin(request: HttpRequest) -> None:
            request.session["admin"] = True
            DatabaseStore(other.session_key)["secret"]
            DatabaseStore().delete(other.session_key)

        trace = Visitor("db").request(ok(admin))
        self.assertEqual(
            [(one["name"], one.get("key")) for one in trace["operations"]],
            [("load", other.session_key), ("delete", other.session_key), ("create", None)],
        )
        self.assertNotIn("of another user", json.dumps(trace))

    def test_a_session_that_was_deleted_meanwhile_is_not_saved(self) -> None:
        def slow(request: HttpRequest) -> None:
            request.session["a"] = 1
            DatabaseStore.get_model_class().objects.all().delete()

        visitor = Visitor("db")
        visitor.request(ok(log_in))
        with self.assertRaises(SessionInterrupted):
            visitor.request(ok(slow))

    def test_a_row_that_cannot_be_read_is_rejected(self) -> None:
        visitor = Visitor("db")
        visitor.request(ok(log_in))
        with_other_key = Visitor("db", SECRET_KEY="another")
        with_other_key.cookie = visitor.cookie
        trace = with_other_key.request(ok(lambda request: request.session.get("user_id")))
        self.assertEqual(names(trace), ["load", "reject"])

    def test_a_view_that_gives_the_request_another_session_is_incomplete(self) -> None:
        def swap(request: HttpRequest) -> None:
            request.session["a"] = 1
            request.session = DatabaseStore()
            request.session["b"] = 2

        trace = Visitor("db").request(ok(swap))
        self.assertEqual(trace["incomplete"], "other")

    def test_a_change_after_the_response_is_late(self) -> None:
        visitor = Visitor("db")
        visitor.request(ok(log_in))
        visitor.request(ok(lambda request: request.session.update({"a": 1})))
        late: list[Any] = []
        record = visitor.record
        record.on_late = lambda each: late.append(each.take_late())
        token = current.set(record)
        try:
            record.session["too_late"] = 1
        finally:
            current.reset(token)
        self.assertEqual(late, [["too_late"]])
