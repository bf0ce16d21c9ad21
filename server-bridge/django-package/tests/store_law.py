"""What holds for reading and editing sessions, whatever stores them. Each engine's tests add where it differs."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from datetime import timezone as utc_zone
from typing import Any

import django
from django.core.cache import caches
from django.db import connections
from django.utils import timezone
from session_bridge.edits import Edits

from .store_kit import BACKENDS

UNKNOWN = {"found": False, "reason": "unknown"}
TAMPERED = {"found": False, "reason": "tampered"}
GONE = {"ok": False, "reason": "gone"}
HOUR_MS = 3_600_000


class Law:
    """What holds in every engine that can be edited."""

    #: Whether the store can be asked when a session expires.
    knows_expiry = True
    #: Whether a save of the site's between comparing and writing is seen.
    sees_races = True

    def test_reads_what_the_site_stored(self: Any) -> None:
        view = self.view()
        self.assertEqual(json.loads(view["json"]), self.data)
        self.assertEqual(view["json"], '{"cart":["boots"],"n":1.0,"name":"\\u00c5d\\u00e4"}')
        self.assertEqual(view["stored"], view["json"])
        self.assertEqual(
            (view["key"], view["atBrowserClose"], view["ageSeconds"]), (self.key, False, 1_209_600)
        )

    def test_reading_touches_nothing(self: Any) -> None:
        before = self.raw()
        for key in (self.key, "0" * 32, "ABCDEFGHIJ_-"):
            self.edits.read(key)
            self.edits.stored(key)
        self.assertEqual(self.raw(), before)

    def test_knows_no_other_session(self: Any) -> None:
        self.assertEqual(self.edits.read("0" * 32), UNKNOWN)
        self.assertEqual(self.edits.stored("0" * 32), {"stored": False})
        self.assertEqual(self.edits.stored(self.key), {"stored": True})
        self.assertEqual(self.edits.read(self.key.upper()), UNKNOWN)

    def test_an_edit_is_what_the_site_loads(self: Any) -> None:
        before = self.view()
        result = self.replace({"cart": ["boots", "hat"], "n": 2})
        self.assertEqual((result["ok"], result["before"], result["cookie"]), (True, before, self.key))
        self.assertEqual(result["after"], self.view())
        self.assertEqual(self.load(), {"cart": ["boots", "hat"], "n": 2})

    def test_an_edit_keeps_the_expiry(self: Any) -> None:
        before = self.view()["expiresAt"]
        self.assertEqual(before is not None, self.knows_expiry)
        self.replace({"a": 1})
        self.assertEqual(self.view()["expiresAt"], before)

    def test_an_edit_of_what_is_no_longer_stored_is_a_conflict(self: Any) -> None:
        seen = self.seen()
        self.save({"by": "site"}, self.key)
        for call in (
            lambda: self.replace({}, seen),
            lambda: self.edits.expiry(self.key, {"kind": "seconds", "seconds": 5}, seen),
            lambda: self.edits.cycle(self.key, seen),
            lambda: self.edits.flush(self.key, seen),
        ):
            self.assertEqual(call(), {"ok": False, "reason": "conflict", "now": self.view()})
        self.assertEqual(self.load(), {**self.data, "by": "site"})

    def test_a_save_between_comparing_and_writing_is_not_lost(self: Any) -> None:
        if not self.sees_races:
            return
        seen = self.seen()
        self.before_write(lambda: self.save({"by": "site"}, self.key))
        self.assertEqual(self.replace({"by": "tab"}, seen)["reason"], "conflict")
        self.assertEqual(self.load(), {**self.data, "by": "site"})
        seen = self.seen()
        self.before_write(lambda: self.save({"by": "the site again"}, self.key))
        self.assertEqual(self.edits.cycle(self.key, seen)["reason"], "conflict")
        self.assertEqual(self.load()["by"], "the site again")

    def test_a_session_that_is_deleted_meanwhile_stays_deleted(self: Any) -> None:
        seen = self.seen()
        self.before_write(lambda: self.session(self.key).delete())
        self.assertEqual(self.replace({"a": 1}, seen), GONE)
        self.assertEqual(self.edits.read(self.key), UNKNOWN)

    def test_what_is_gone_cannot_be_edited(self: Any) -> None:
        self.session(self.key).delete()
        self.assertEqual(self.replace({}, "{}"), GONE)
        self.assertEqual(self.edits.cycle(self.key, "{}"), GONE)
        self.assertEqual(self.edits.flush(self.key, "{}"), GONE)

    def test_a_new_key_has_the_data_and_the_expiry_and_the_old_key_is_gone(self: Any) -> None:
        before = self.view()
        result = self.edits.cycle(self.key, before["stored"])
        after = result["after"]
        self.assertEqual(result["cookie"], after["key"])
        self.assertRegex(after["key"], "^[a-z0-9]{32}$")
        self.assertEqual(after["json"], before["json"])
        if self.knows_expiry:
            self.assertAlmostEqual(after["expiresAt"], before["expiresAt"], delta=0.01)
        self.assertEqual(self.load(after["key"]), self.data)
        self.assertEqual(self.edits.read(self.key), UNKNOWN)
        self.assertEqual(self.load(), {})

    def test_a_flush_deletes_the_session(self: Any) -> None:
        result = self.edits.flush(self.key, self.seen())
        self.assertEqual((result["ok"], result["after"], result["cookie"]), (True, None, None))
        self.assertEqual(self.edits.read(self.key), UNKNOWN)
        self.assertEqual(self.load(), {})

    def test_a_flushed_session_is_put_back_with_its_expiry(self: Any) -> None:
        copy = self.edits.flush(self.key, self.seen())["before"]
        result = self.edits.restore(copy, None, if_stored=None)
        self.assertTrue(result["ok"], result)
        self.assertEqual(self.load(), self.data)
        self.assert_like(copy, self.view())
        self.assert_like(copy, result["after"])

    def test_an_edit_is_undone(self: Any) -> None:
        edited = self.replace({"a": 1})
        result = self.edits.restore(edited["before"], None, if_stored=edited["after"]["stored"])
        self.assertTrue(result["ok"], result)
        self.assertEqual(self.load(), self.data)
        self.assert_like(edited["before"], self.view())

    def test_a_new_key_is_undone_in_one_step(self: Any) -> None:
        cycled = self.edits.cycle(self.key, self.seen())
        result = self.edits.restore(cycled["before"], cycled["after"]["key"], if_stored=None)
        self.assertTrue(result["ok"], result)
        self.assertEqual(self.edits.read(cycled["after"]["key"]), UNKNOWN)
        self.assertEqual(self.load(), self.data)

    def test_a_copy_does_not_overwrite_what_the_tab_did_not_see(self: Any) -> None:
        copy = self.view()
        self.save({"by": "site"}, self.key)
        for seen in (None, copy["stored"]):
            result = self.edits.restore(copy, None, if_stored=seen)
            self.assertEqual(result, {"ok": False, "reason": "conflict", "now": self.view()})
        self.assertTrue(self.edits.restore(copy, None)["ok"])
        self.assertEqual(self.load(), self.data)
        self.session(self.key).delete()
        self.assertEqual(self.edits.restore(copy, None, if_stored=copy["stored"]), GONE)

    def test_the_expiry_is_changed_as_django_changes_it(self: Any) -> None:
        for change, stored, browser in (
            ({"kind": "seconds", "seconds": 600}, 600, False),
            ({"kind": "browser-close"}, 0, True),
            ({"kind": "default"}, None, False),
        ):
            result = self.edits.expiry(self.key, change, self.seen())
            self.assertTrue(result["ok"], result)
            self.assertEqual(self.load().get("_session_expiry"), stored)
            self.assertEqual(self.view()["atBrowserClose"], browser)
            self.assertEqual(result["cookieExpiresAt"] is None, browser)
            ends = time.time() * 1000 + self.session(self.key).get_expiry_age() * 1000
            if self.view()["expiresAt"] is not None:
                self.assertAlmostEqual(self.view()["expiresAt"], ends, delta=5000)
            if not browser:
                self.assertAlmostEqual(result["cookieExpiresAt"], ends, delta=5000)

    def test_the_expiry_is_a_date(self: Any) -> None:
        at = int(time.time() * 1000) + HOUR_MS
        result = self.edits.expiry(self.key, {"kind": "at", "at": at}, self.seen())
        if result["ok"]:
            self.assertAlmostEqual(self.session(self.key).get_expiry_age(), 3600, delta=5)
            self.assertIn(self.view()["expiresAt"], (at, None))
            self.edits.expiry(self.key, {"kind": "shift", "shiftSeconds": 60}, self.seen())
            self.assertAlmostEqual(self.session(self.key).get_expiry_age(), 3540, delta=5)
            self.assertIn(self.view()["expiresAt"], (at - 60_000, None))
        else:
            self.assertLess(django.VERSION, (4, 1))
            self.assertIn("Use seconds instead", result["why"])
            self.assertEqual(self.load(), self.data)

    def test_an_expiry_is_moved_as_if_time_had_passed(self: Any) -> None:
        before = self.view()["expiresAt"]
        result = self.edits.expiry(self.key, {"kind": "shift", "shiftSeconds": 3600}, self.seen())
        self.assertTrue(result["ok"], result)
        self.assertEqual(self.load(), self.data)
        if self.knows_expiry:
            self.assertAlmostEqual(self.view()["expiresAt"], before - HOUR_MS, delta=1)
        result = self.edits.expiry(self.key, {"kind": "shift", "shiftSeconds": 2_000_000}, self.seen())
        self.assertTrue(result["ok"], result)
        self.assertEqual(self.edits.read(self.key), UNKNOWN)
        self.assertEqual(self.load(), {})

    def test_an_expiry_that_django_cannot_read_is_refused(self: Any) -> None:
        wrong = ["soon", [1], 1e300, "2026-11-30T04:21:00", 10**12]
        for value in wrong:
            result = self.replace({**self.data, "_session_expiry": value})
            self.assertEqual(result.get("reason"), "unfit", value)
            self.assertRegex(result["why"], r"Use |Write it with", value)
        self.assertEqual(self.load(), self.data)
        far = self.edits.expiry(self.key, {"kind": "seconds", "seconds": 10**12}, self.seen())
        self.assertEqual(far.get("reason"), "unfit")
        far = self.edits.expiry(self.key, {"kind": "at", "at": 10**18}, self.seen())
        self.assertEqual(far.get("reason"), "unfit")

    def test_data_with_an_expiry_that_was_wrong_already_can_be_repaired(self: Any) -> None:
        session = self.session(self.key)
        session["_session_expiry"] = "soon"
        session.get_expiry_age = lambda **_: 1000
        session.get_expiry_date = lambda **_: timezone.now() + timedelta(seconds=1000)
        session.save()
        view = self.view()
        self.assertEqual((view["ageSeconds"], view["atBrowserClose"]), (0, False))
        self.assertTrue(self.replace(self.data)["ok"])
        self.assertEqual(self.load(), self.data)

    def assert_like(self: Any, copy: Any, now: Any) -> None:
        """Check that a session is what it was; its date to the fraction that files and databases keep."""
        self.assertEqual((now["key"], now["json"]), (copy["key"], copy["json"]))
        if copy["expiresAt"] is not None:
            self.assertAlmostEqual(now["expiresAt"], copy["expiresAt"], delta=0.01)


class RowsLaw(Law):
    """What holds for sessions in a table."""

    def test_an_expired_row_is_unknown_and_stays(self: Any) -> None:
        self.expire()
        self.assertEqual(self.edits.read(self.key), UNKNOWN)
        self.assertEqual(self.edits.stored(self.key), {"stored": False})
        self.assertEqual(self.store.model.objects.filter(pk=self.key).count(), 1)

    def test_a_copy_is_put_back_over_an_expired_row(self: Any) -> None:
        copy = self.view()
        self.expire()
        self.assertTrue(self.edits.restore(copy, None, if_stored=None)["ok"])
        self.assert_like(copy, self.view())

    def test_a_row_that_django_cannot_read_is_tampered(self: Any) -> None:
        for text in ("nonsense", "", self.store.model.objects.get(pk=self.key).session_data[:-1] + "?"):
            self.store.model.objects.filter(pk=self.key).update(session_data=text)
            self.clear_copy()
            self.assertEqual(self.edits.read(self.key), TAMPERED)
            self.assertEqual(self.edits.stored(self.key), {"stored": True})

    def test_an_empty_session_is_read(self: Any) -> None:
        self.assertTrue(self.replace({})["ok"])
        self.clear_copy()
        self.assertEqual(self.view()["json"], "{}")

    def test_leaves_no_transaction_open(self: Any) -> None:
        self.replace({"a": 1})
        connection = connections[self.database]
        self.assertTrue(connection.get_autocommit())
        self.assertFalse(connection.in_atomic_block)

    def test_names_what_is_missing(self: Any) -> None:
        self.assertIsNone(self.store.find_trouble())
        table = self.store.model._meta.db_table
        with connections[self.database].schema_editor() as editor:
            editor.alter_db_table(self.store.model, table, "elsewhere")
        try:
            self.assertEqual(self.store.find_trouble(), f"There is no table {table}. Run manage.py migrate.")
        finally:
            with connections[self.database].schema_editor() as editor:
                editor.alter_db_table(self.store.model, "elsewhere", table)

    def expire(self: Any) -> None:
        """Let the row expire."""
        self.store.model.objects.filter(pk=self.key).update(expire_date=timezone.now() - timedelta(seconds=1))
        self.clear_copy()

    def clear_copy(self: Any) -> None:
        """Forget what a cache holds."""
        caches["default"].clear()


class CacheLaw(Law):
    """What holds for sessions in a cache: it cannot be asked for an expiry, and does not compare."""

    engine = BACKENDS + "cache"
    knows_expiry = False
    sees_races = False

    def test_an_edit_starts_the_age_again(self: Any) -> None:
        self.replace({"_session_expiry": 1000})
        self.assertEqual(self.session(self.key).get_expiry_age(), 1000)

    def test_a_date_is_kept_through_an_edit(self: Any) -> None:
        date = datetime(2026, 11, 30, tzinfo=utc_zone.utc)
        key = self.save({"at": date, "n": 1, "ids": {1, 2}})
        view = self.view(key)
        self.assertIn("cut: Python datetime 2026-11-30T00:00:00+00:00", view["json"])
        edited = self.edits.replace(key, view["json"].replace('"n":1', '"n":2'), view["stored"])
        self.assertTrue(edited["ok"], edited)
        self.assertEqual(self.load(key), {"at": date, "n": 2, "ids": {1, 2}})
        self.assertTrue(self.edits.restore(edited["before"], None)["ok"])
        self.assertEqual(self.load(key), {"at": date, "n": 1, "ids": {1, 2}})

    def test_a_date_that_was_forgotten_is_not_put_back_as_a_mark(self: Any) -> None:
        key = self.save({"at": datetime(2026, 11, 30)})
        copy = self.view(key)
        self.assertIn("no longer has them", Edits(self.store).restore(copy, None)["why"])
