"""What a record says about rows of the database, about sessions besides the request's own, and after the response."""

from __future__ import annotations

import gc
import json
import unittest
from typing import Any
from unittest import mock
from weakref import ref

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.db import DatabaseError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from session_bridge.record import current

from .request_kit import Visitor, ok
from .test_record import line_of, log_in, names


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

    def test_the_cookie_lives_from_the_response_on(self) -> None:
        def slow(request: HttpRequest) -> None:
            request.session["a"] = 1
            clock.return_value += 60

        with mock.patch("time.time", return_value=1_700_000_000.0) as clock:
            trace = Visitor("db").request(ok(slow))
        self.assertEqual(trace["at"], 1_700_000_000_000)
        self.assertEqual(trace["cookie"]["expiresAtMs"], 1_700_000_060_000 + trace["cookie"]["maxAge"] * 1000)

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

    def test_a_database_that_fails_has_not_deleted_the_session(self) -> None:
        def write(request: HttpRequest) -> None:
            request.session["a"] = 1

        visitor = Visitor("db")
        visitor.request(ok(log_in))
        locked = mock.patch.object(Session, "save", side_effect=OperationalError("database is locked"))
        with locked, self.assertRaises(SessionInterrupted):
            visitor.request(ok(write))
        self.assertEqual(
            visitor.record.finish(HttpResponse())["operations"][-1]["reason"], "the store failed"
        )
        with mock.patch.object(Session, "save", side_effect=DatabaseError("no such row")):
            with self.assertRaises(SessionInterrupted):
                visitor.request(ok(write))
        reason = visitor.record.finish(HttpResponse())["operations"][-1]["reason"]
        self.assertEqual(reason, "the session was deleted meanwhile")

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

    def test_after_the_response_nothing_is_kept_alive(self) -> None:
        visitor = Visitor("db")
        kept: list[Any] = []
        visitor.request(ok(lambda request: kept.append(ref(request.session)) or request.session.get("a")))
        gc.collect()
        self.assertIsNone(kept[0]())

    def test_what_a_template_shows_was_not_read_by_the_line_that_renders_it(self) -> None:
        def change(request: HttpRequest) -> None:
            request.session["cart"].append("laces")
            template = Engine().from_string("{{ request.session.cart }}")
            template.render(Context({"request": request}))

        visitor = Visitor("db")
        visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
        trace = visitor.request(ok(change))
        self.assertRegex(trace["readers"]["cart"], line_of(change, "append") + "$")

    def test_a_change_after_the_response_is_late(self) -> None:
        visitor = Visitor("db")
        visitor.request(ok(log_in))
        kept: list[Any] = []

        def keep(request: HttpRequest) -> None:
            request.session["a"] = 1
            kept.append(request.session)

        visitor.request(ok(keep))
        late: list[Any] = []
        record = visitor.record
        record.on_late = lambda each: late.append(each.take_late())
        token = current.set(record)
        try:
            kept[0]["too_late"] = 1
            kept[0]["too_late"] = 2
        finally:
            current.reset(token)
        self.assertEqual(late, [["too_late"]])
