"""Reading and editing the sessions of a site, in every engine: one law, and where an engine differs."""

from __future__ import annotations

import json
import os
import sys
import time
import types
import unittest
from datetime import datetime
from datetime import timezone as utc_zone
from typing import Any

import django
from django.contrib.sessions import serializers
from django.contrib.sessions.backends.db import SessionStore as Rows
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import override_settings
from session_bridge.row_stores import RowStore
from session_bridge.stores import Store, open_store

from .site import own_sessions
from .site.models import AccountSession
from .store_kit import BACKENDS, StoreTest
from .store_law import HOUR_MS, TAMPERED, UNKNOWN, Law, RowsLaw


class SqliteTest(RowsLaw, StoreTest):
    """``db`` on SQLite."""

    def test_allows_everything(self) -> None:
        self.assertEqual(
            list(self.store.capabilities),
            ["read", "edit", "expiry", "cycle", "flush", "restore", "conflicts"],
        )
        self.assertIsNone(self.store.note)


class PostgresTest(RowsLaw, StoreTest):
    """``db`` on PostgreSQL."""

    database = "postgres"


class MariadbTest(RowsLaw, StoreTest):
    """``db`` on MariaDB, whose collation finds a key in capitals, too."""

    database = "mariadb"


class LocalTimeTest(RowsLaw, StoreTest):
    """``db`` without ``USE_TZ``, where dates are local times."""

    settings = {"USE_TZ": False, "TIME_ZONE": "America/New_York"}

    def test_an_expiry_that_django_cannot_read_is_refused(self) -> None:
        if django.VERSION >= (4, 1):
            result = self.replace({"_session_expiry": "2026-11-30T04:21:00+00:00"})
            self.assertIn("has an offset, while USE_TZ is false", result["why"])


class AccountTest(RowsLaw, StoreTest):
    """A site's own model, with a column that follows the data and one that does not."""

    engine = "tests.site.account_sessions"

    def test_an_edit_changes_the_column_that_follows_the_data(self) -> None:
        AccountSession.objects.update(note="by hand")
        self.replace({**self.data, "_auth_user_id": "7"})
        row = AccountSession.objects.get(pk=self.key)
        self.assertEqual((row.account_id, row.note), (7, "by hand"))

    def test_a_copy_is_put_back_with_its_columns(self) -> None:
        self.replace({"_auth_user_id": "7"})
        copy = self.edits.flush(self.key, self.seen())["before"]
        self.edits.restore(copy, None)
        self.assertEqual(AccountSession.objects.get(pk=self.key).account_id, 7)


class CachedRowTest(RowsLaw, StoreTest):
    """``cached_db`` over a cache that processes share."""

    engine = BACKENDS + "cached_db"

    def test_reads_the_copy_that_the_site_reads(self) -> None:
        session = self.session(self.key)
        caches["default"].set(session.cache_key, {"from": "the cache"})
        self.assertEqual(self.view()["json"], '{"from":"the cache"}')

    def test_an_edit_reaches_the_row_and_the_copy(self) -> None:
        self.replace({"a": 1})
        self.assertEqual(caches["default"].get(self.session(self.key).cache_key), {"a": 1})
        self.assertEqual(Session.objects.get(pk=self.key).get_decoded(), {"a": 1})

    def test_reading_does_not_fill_the_cache(self) -> None:
        self.clear_copy()
        self.view()
        self.assertIsNone(caches["default"].get(self.session(self.key).cache_key))

    def test_a_session_that_only_the_cache_still_has_is_read_and_flushed_but_not_edited(self) -> None:
        Session.objects.all().delete()
        self.assertEqual(self.load(), self.data)
        self.assertEqual(json.loads(self.view()["json"]), self.data)
        self.assertEqual(self.replace({"a": 1})["reason"], "unfit")
        self.assertTrue(self.edits.flush(self.key, self.seen())["ok"])
        self.assertEqual(self.load(), {})

    def test_a_save_while_the_copy_is_renewed_leaves_no_old_copy(self) -> None:
        find, calls = self.store._row, []

        def racing(key: str) -> Any:
            calls.append(key)
            row = find(key)
            if len(calls) == 2:  # after the row was written, before the copy is
                self.save({"by": "site"}, self.key)
            return row

        seen = self.seen()
        calls.clear()
        self.store._row = racing
        self.replace({"by": "tab"}, seen)
        self.store._row = find
        self.assertIn("by", self.load())
        self.assertEqual(self.load(), Session.objects.get(pk=self.key).get_decoded())


class CachedRowOverLocMemTest(StoreTest):
    """``cached_db`` over LocMemCache: another process can read the row only."""

    engine = BACKENDS + "cached_db"
    settings = {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}

    def test_is_read_from_the_table_and_not_edited(self) -> None:
        caches["default"].set(self.session(self.key).cache_key, {"in": "this process"})
        self.assertEqual(json.loads(self.view()["json"]), self.data)
        self.assertEqual(list(self.store.capabilities), ["read"])
        for call in (
            lambda: self.replace({}),
            lambda: self.edits.flush(self.key, self.seen()),
            lambda: self.edits.restore(self.view(), None),
        ):
            self.assertIn("LocMemCache", call()["why"])


class FileTest(Law, StoreTest):
    """``file``."""

    engine = BACKENDS + "file"

    def path(self) -> str:
        """Return the session's file."""
        return os.path.join(self.folder, "sessionid" + self.key)

    def test_an_edit_keeps_the_time_and_leaves_no_other_file(self) -> None:
        os.utime(self.path(), ns=(1, time.time_ns() - 10**12))
        before = os.stat(self.path()).st_mtime_ns
        self.replace({"a": 1})
        self.assertEqual(os.stat(self.path()).st_mtime_ns, before)
        self.assertEqual(os.stat(self.path()).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(self.folder), ["sessionid" + self.key])

    def test_an_expired_file_is_unknown_and_stays(self) -> None:
        os.utime(self.path(), (0, 0))
        self.assertEqual(self.edits.read(self.key), UNKNOWN)
        self.assertEqual(os.listdir(self.folder), ["sessionid" + self.key])

    def test_a_copy_is_put_back_over_an_expired_file(self) -> None:
        copy = self.view()
        os.utime(self.path(), (0, 0))
        self.assertTrue(self.edits.restore(copy, None, if_stored=None)["ok"])
        self.assert_like(copy, self.view())

    def test_a_file_that_django_cannot_read_is_tampered(self) -> None:
        for content in (b"nonsense", b"\xff\xfe"):
            with open(self.path(), "wb") as file:
                file.write(content)
            self.assertEqual(self.edits.read(self.key), TAMPERED)

    def test_seconds_that_django_does_not_count_are_not_moved(self) -> None:
        self.edits.expiry(self.key, {"kind": "seconds", "seconds": 60}, self.seen())
        os.utime(self.path(), (0, 0))
        self.assertEqual(self.load()["cart"], ["boots"])  # Django never removes it
        self.assertIsNone(self.view()["expiresAt"])
        result = self.edits.expiry(self.key, {"kind": "shift", "shiftSeconds": 3600}, self.seen())
        self.assertIn("does not count an expiry in seconds", result["why"])

    def test_opens_no_file_outside_the_folder(self) -> None:
        for key in ("../../../etc/passwd", "aaaaaaaa/../b", "UPPERCASE"):
            self.assertEqual(self.edits.read(key), UNKNOWN)


class SignedCookieTest(StoreTest):
    """``signed_cookies``: read from the cookie, not edited."""

    engine = BACKENDS + "signed_cookies"

    def test_accepts_what_django_signed(self) -> None:
        self.assertEqual(self.edits.prove(self.key), {"key": self.key})
        view = self.view()
        self.assertEqual(json.loads(view["json"]), self.data)
        self.assertEqual((view["key"], view["stored"]), (self.key, self.key))
        self.assertAlmostEqual(view["expiresAt"], time.time() * 1000 + 1_209_600_000, delta=5000)

    def test_refuses_what_it_did_not(self) -> None:
        for cookie in (self.key[:-1] + "?", "nonsense", "", ":", "a:b:c"):
            self.assertEqual(self.edits.prove(cookie), {"key": None})
            self.assertEqual(self.edits.read(cookie), UNKNOWN)

    def test_refuses_a_cookie_that_is_too_old(self) -> None:
        with override_settings(SESSION_COOKIE_AGE=-1):
            self.assertEqual(self.edits.prove(self.key), {"key": None})

    def test_is_not_edited(self) -> None:
        self.assertIn("Signed cookies", self.replace({})["why"])


class OwnEngineTest(Law, StoreTest):
    """A site's own engine, which creates and saves while it loads."""

    engine = "tests.site.own_sessions"
    knows_expiry = False
    sees_races = False

    def raw(self) -> Any:
        """Return everything that is stored."""
        return dict(own_sessions.stored), len(own_sessions.saves)

    def test_an_expiry_is_moved_as_if_time_had_passed(self) -> None:
        """It stores no expiry."""

    def test_a_subclass_that_reads_otherwise_is_used_as_it_is(self) -> None:
        with override_settings(SESSION_ENGINE=BACKENDS + "db"):
            self.assertIs(type(open_store()), RowStore)
        own = type("SessionStore", (Rows,), {"load": lambda self: {"own": 1}})
        sys.modules["tests.own_rows"] = types.SimpleNamespace(SessionStore=own)  # type: ignore[assignment]
        self.addCleanup(sys.modules.pop, "tests.own_rows")
        with override_settings(SESSION_ENGINE="tests.own_rows"):
            self.assertIs(type(open_store()), Store)


@unittest.skipUnless(hasattr(serializers, "PickleSerializer"), "Django dropped it in 5.0")
class PickleTest(RowsLaw, StoreTest):
    """``db`` with Django 3.2's PickleSerializer."""

    settings = {"SESSION_SERIALIZER": "django.contrib.sessions.serializers.PickleSerializer"}

    def test_keeps_pickled_values_through_an_edit_and_back(self) -> None:
        date = datetime(2026, 11, 30, tzinfo=utc_zone.utc)
        key = self.save({"at": date, 1: "one", "n": 1})
        view = self.view(key)
        edited = self.edits.replace(key, view["json"].replace('"n":1', '"n":2'), view["stored"])
        self.assertEqual(self.load(key), {"at": date, 1: "one", "n": 2})
        self.edits.restore(edited["before"], None)
        self.assertEqual(self.load(key), {"at": date, 1: "one", "n": 1})

    def test_stores_an_expiry_that_is_a_date(self) -> None:
        at = int(time.time() * 1000) + HOUR_MS
        self.assertTrue(self.edits.expiry(self.key, {"kind": "at", "at": at}, self.seen())["ok"])
        self.assertEqual(self.view()["expiresAt"], at)
        self.assertTrue(self.edits.expiry(self.key, {"kind": "shift", "shiftSeconds": 60}, self.seen())["ok"])
        self.assertEqual(self.view()["expiresAt"], at - 60_000)
        self.assertAlmostEqual(self.session(self.key).get_expiry_age(), 3540, delta=5)
