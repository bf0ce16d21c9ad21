"""A session's data as JSON: Django's own form where it has one, a mark where it has none."""

from __future__ import annotations

import datetime as dt
import json
import unittest
import uuid
from decimal import Decimal

from django.core.signing import JSONSerializer
from session_bridge.plain_json import dumps, is_mark


class Talkative:
    """An object that must not be asked anything."""

    def __repr__(self) -> str:
        raise AssertionError("repr was called")

    __str__ = __repr__


class Text(str):
    """A subclass, as Django's SafeString."""

    def __str__(self) -> str:
        raise AssertionError("str was called")


class PlainJson(unittest.TestCase):
    """``dumps``."""

    def test_it_is_what_django_stores(self) -> None:
        for data in (
            {"a": 1, "b": [1.0, None, True, 'é\n"', 2**70], "c": {"d": {}}},
            {1: "a", None: "b", False: "c", 1.5: "d"},
            {"t": (1, 2), "nan": float("nan"), "inf": float("-inf")},
            {},
        ):
            with self.subTest(data):
                self.assertEqual(dumps(data).encode("latin-1"), JSONSerializer().dumps(data))

    def test_other_values_are_marks_that_name_them(self) -> None:
        date = dt.datetime(2026, 11, 30, 4, 21, tzinfo=dt.timezone.utc)
        shown = json.loads(
            dumps(
                {
                    "a": date,
                    "b": Decimal("1.50"),
                    "c": b"secret",
                    "d": {1, 2},
                    "e": Talkative(),
                    "f": [uuid.UUID(int=0)],
                }
            )
        )
        self.assertEqual(shown["a"], "‹cut: Python datetime 2026-11-30T04:21:00+00:00›")
        self.assertEqual(shown["b"], "‹cut: Python Decimal 1.50›")
        self.assertEqual(shown["c"], "‹cut: Python bytes, 6 long›")
        self.assertEqual(shown["d"], "‹cut: Python set, 2 long›")
        self.assertEqual(shown["e"], f"‹cut: Python {__name__}.Talkative›")
        self.assertTrue(all(is_mark(value) for value in [*list(shown.values())[:5], *shown["f"]]))

    def test_an_object_beside_them_changes_nothing_else(self) -> None:
        data = {
            "z": 1.0,
            "o": Talkative(),
            "t": Text("safe"),
            "a": [True, None, 2**70],
            1: "one",
            None: 0,
            (1, 2): "pair",
        }
        text = dumps(data)
        self.assertIn('"z":1.0,', text)
        self.assertIn('"t":"safe","a":[true,null,1180591620717411303424],"1":"one","null":0', text)
        self.assertTrue(is_mark(list(json.loads(text))[-1]))

    def test_cycles_and_depth_end_in_a_mark(self) -> None:
        around: list = []
        around.append(around)
        deep: list = []
        for _ in range(100_000):
            deep = [deep]
        for data in (around, deep):
            self.assertIn(
                "deeper than 100 levels",
                json.loads(f"[{json.dumps(dumps({'a': data}))}]")[0].encode().decode("unicode_escape"),
            )

    def test_a_name_of_any_length_stays_a_mark(self) -> None:
        long = type("x›" * 200, (), {})
        [value] = json.loads(dumps([long()]))
        self.assertTrue(is_mark(value))
        self.assertEqual(value.count("›"), 1)
        self.assertLessEqual(len(value), 87)
