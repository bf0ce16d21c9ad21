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


class QuotingSerializer:
    """Its error holds what it was given."""

    def dumps(self, data: Any) -> bytes:
        """Fail, as where a value has no form."""
        raise ValueError(f"cannot write {data}")

    def loads(self, data: bytes) -> Any:
        """Return nothing."""
        return {}


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

    def test_what_can_be_read_only_once_is_left_to_the_session(self) -> None:
        trace = Visitor("db").request(ok(lambda request: request.session.update(iter([("cart", 1)]))))
        self.assertEqual(json.loads(trace["after"]["json"]), {"cart": 1})

    def test_the_cookie_lives_from_the_response_on(self) -> None:
        def slow(request: HttpRequest) -> None:
            request.session["a"] = 1
            clock.return_value += 60

        with mock.patch("time.time", return_value=1_700_000_000.0) as clock:
            trace = Visitor("db").request(ok(slow))
        self.assertEqual(trace["at"], 1_700_000_000_000)
        self.assertEqual(trace["cookie"]["expiresAtMs"], 1_700_000_060_000 + trace["cookie"]["maxAge"] * 1000)

    def test_a_clear_loads_nothing_and_names_the_writer_of_what_was_loaded(self) -> None:
        visitor = Visitor("db")
        visitor.request(ok(log_in))
        trace = visitor.request(
            ok(lambda request: request.session.get("user_id") and request.session.clear())
        )
        self.assertIn("user_id", trace["writers"])
        trace = visitor.request(ok(lambda request: request.session.clear()))
        self.assertEqual(names(trace), ["save"])
        self.assertEqual(trace["writers"], {})

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

    def test_another_session_that_is_deleted_through_the_requests_own_is_not_taken_for_it(self) -> None:
        other = DatabaseStore()
        other.create()
        visitor = Visitor("db")
        visitor.request(ok(log_in))
        trace = visitor.request(ok(lambda request: request.session.delete(other.session_key)))
        self.assertEqual(
            [(one["name"], one.get("key")) for one in trace["operations"]], [("delete", other.session_key)]
        )
        trace = visitor.request(
            ok(lambda request: request.session.get("a") or request.session.delete(other.session_key))
        )
        self.assertEqual(trace["after"], trace["loaded"])

    def test_a_session_that_was_deleted_meanwhile_is_not_saved(self) -> None:
        def slow(request: HttpRequest) -> None:
            request.session["a"] = 1
            DatabaseStore.get_model_class().objects.all().delete()

        visitor = Visitor("db")
        visitor.request(ok(log_in))
        with self.assertRaises(SessionInterrupted):
            visitor.request(ok(slow))

    def test_many_other_sessions_leave_room_for_what_happens_to_the_requests_own(self) -> None:
        def admin(request: HttpRequest) -> None:
            request.session["admin"] = True
            for number in range(200):
                DatabaseStore().delete(f"{number:032}")

        trace = Visitor("db").request(ok(admin))
        self.assertEqual(names(trace), ["delete"] * 50 + ["create"])

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

    def test_why_a_save_failed_is_said_without_the_words_of_the_error(self) -> None:
        visitor = Visitor("db", SESSION_SERIALIZER=f"{__name__}.QuotingSerializer")
        with self.assertRaises(ValueError):
            visitor.request(ok(lambda request: request.session.update({"card": "4111"})))
        [failed] = visitor.record.finish(HttpResponse())["operations"]
        self.assertEqual(failed["reason"], "the data cannot be stored (ValueError)")

    def test_a_row_that_cannot_be_read_is_rejected(self) -> None:
        visitor = Visitor("db")
        visitor.request(ok(log_in))
        with_other_key = Visitor("db", SECRET_KEY="another")
        with_other_key.cookie = visitor.cookie
        trace = with_other_key.request(ok(lambda request: request.session.get("user_id")))
        self.assertEqual(names(trace), ["load", "reject"])

    def test_an_empty_row_can_be_read(self) -> None:
        store = DatabaseStore()
        store.create()
        visitor = Visitor("db")
        visitor.cookie = store.session_key
        trace = visitor.request(ok(lambda request: request.session.get("a")))
        self.assertEqual(names(trace), ["load"])
        self.assertEqual((trace["loaded"]["key"], trace["loaded"]["json"]), (store.session_key, "{}"))

    def test_what_a_visitor_may_choose_is_bounded(self) -> None:
        def write(request: HttpRequest) -> None:
            request.session["x" * 5000] = 1
            request.session.update({f"key{number}": 1 for number in range(300)})

        trace = Visitor("db").request(ok(write), "/" + "x" * 5000)
        self.assertEqual(len(trace["path"]), 2048)
        self.assertEqual(list(trace["writers"]), [f"key{number}" for number in range(100)])

    def test_a_cookie_that_the_site_has_named_is_told(self) -> None:
        visitor = Visitor("db", SESSION_COOKIE_NAME="shop")
        trace = visitor.request(ok(lambda request: request.session.update({"a": 1})))
        self.assertEqual((trace["cookie"]["name"], trace["cookie"]["action"]), ("shop", "set"))

    def test_a_view_that_gives_the_request_another_session_is_incomplete(self) -> None:
        def swap(request: HttpRequest) -> None:
            request.session["a"] = 1
            request.session = DatabaseStore()
            request.session["b"] = 2

        trace = Visitor("db").request(ok(swap))
        self.assertEqual(trace["incomplete"], "other")

    def test_the_cookie_is_told_as_the_browser_gets_it_without_its_value(self) -> None:
        chosen = {
            "SESSION_COOKIE_DOMAIN": "example.com",
            "SESSION_COOKIE_HTTPONLY": False,
            "SESSION_COOKIE_PATH": "/shop",
            "SESSION_COOKIE_SAMESITE": "Strict",
            "SESSION_COOKIE_SECURE": True,
            "SESSION_EXPIRE_AT_BROWSER_CLOSE": True,
        }
        trace = Visitor("db", **chosen).request(ok(lambda request: request.session.update({"a": 1})))
        attributes = {"path": "/shop", "domain": "example.com", "sameSite": "Strict"}
        flags = {"secure": True, "httpOnly": False, "maxAge": None, "expiresAtMs": None}
        self.assertEqual(trace["cookie"], {"name": "sessionid", "action": "set", **attributes, **flags})
        trace = Visitor("db").request(ok(lambda request: request.session.update({"a": 1})))
        self.assertEqual((trace["cookie"]["secure"], trace["cookie"]["httpOnly"]), (False, True))

    def test_at_status_500_the_missing_mark_is_not_what_kept_a_change_from_being_saved(self) -> None:
        def change_and_fail(request: HttpRequest) -> HttpResponse:
            request.session["cart"].append("laces")
            return HttpResponse(status=500)

        visitor = Visitor("db")
        visitor.request(ok(lambda request: request.session.update({"cart": ["boots"]})))
        trace = visitor.request(change_and_fail)
        self.assertIsNone(trace["unsavedWhy"])
        self.assertNotIn("readers", trace)

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

    def test_late_changes_are_told_of_a_bounded_number_of_keys(self) -> None:
        visitor = Visitor("db")
        kept: list[Any] = []
        visitor.request(ok(lambda request: kept.append(request.session) or request.session.get("a")))
        late: list[str] = []
        visitor.record.on_late = lambda record: late.extend(record.take_late())
        token = current.set(visitor.record)
        try:
            kept[0].update({f"key{number}": 1 for number in range(80)})
            kept[0].update({f"more{number}": 1 for number in range(80)})
        finally:
            current.reset(token)
        self.assertEqual(late, [*(f"key{n}" for n in range(80)), *(f"more{n}" for n in range(20))])

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
