"""What an edit leaves as it was: everything that was not edited, whatever it is in JSON."""

from __future__ import annotations

import json
import unittest
from collections import OrderedDict, namedtuple
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, Callable

from session_bridge.merge import Unfit, merge
from session_bridge.plain_json import dumps

DATE = datetime(2026, 11, 30, 4, 21, tzinfo=timezone.utc)
Point = namedtuple("Point", "x y")


class Thing:
    """A value of the site's own, which is equal only to itself."""


def edited(original: Any, edit: Callable[[Any], Any]) -> Any:
    """Return the data after an edit of their JSON."""
    parsed = json.loads(dumps(original))
    edit(parsed)
    return merge(original, dumps(original), dumps(parsed))


class MergeTest(unittest.TestCase):
    """``merge``."""

    def test_keeps_every_object_that_was_not_edited(self) -> None:
        thing, original = Thing(), {"at": DATE, "cart": [1], "price": Decimal("1.50"), "ids": {1, 2}}
        original["thing"] = thing
        after = edited(original, lambda data: data.update(cart=[1, 2]))
        self.assertEqual(after, {**original, "cart": [1, 2]})
        self.assertIs(after["thing"], thing)
        self.assertEqual(original["cart"], [1], "the original was changed")

    def test_keeps_them_at_every_depth(self) -> None:
        after = edited({"a": [{"at": DATE, "n": 1}, DATE]}, lambda data: data["a"][0].update(n=2))
        self.assertEqual(after, {"a": [{"at": DATE, "n": 2}, DATE]})

    def test_keeps_keys_that_json_writes_as_strings(self) -> None:
        after = edited({1: "a", None: "b", "c": 1}, lambda data: data.update(c=2))
        self.assertEqual(after, {1: "a", None: "b", "c": 2})
        self.assertEqual(edited({1: "a"}, lambda data: data.update({"1": "z"})), {1: "z"})

    def test_keeps_the_class_of_what_holds_the_edit(self) -> None:
        original = {"o": OrderedDict(a=1), "t": (1, 2), "p": Point(1, 2)}

        def edit(data: Any) -> None:
            data["o"]["a"] = 9
            data["t"].append(3)
            data["p"][0] = 9

        after = edited(original, edit)
        self.assertEqual(after, {"o": OrderedDict(a=9), "t": (1, 2, 3), "p": Point(9, 2)})
        self.assertEqual([type(value) for value in after.values()], [OrderedDict, tuple, Point])

    def test_tells_apart_what_python_takes_for_equal(self) -> None:
        after = edited({"a": 1, "b": 1.0}, lambda data: data.update(a=True, b=1))
        self.assertIs(after["a"], True)
        self.assertIs(type(after["b"]), int)

    def test_takes_the_order_of_the_edited_json(self) -> None:
        after = merge({"a": 1, "b": DATE}, dumps({"a": 1, "b": DATE}), f'{{"b":{dumps(DATE)},"a":2}}')
        self.assertEqual(list(after), ["b", "a"])
        self.assertEqual(after["b"], DATE)

    def test_removes_an_item_of_a_list_and_keeps_the_others(self) -> None:
        other = DATE.replace(year=2027)
        self.assertEqual(edited({"l": [DATE, 1, other]}, lambda data: data["l"].pop(0)), {"l": [1, other]})
        self.assertEqual(
            edited({"l": [DATE, 1, other]}, lambda data: data["l"].insert(1, 5)), {"l": [DATE, 5, 1, other]}
        )

    def test_refuses_a_mark_that_was_changed(self) -> None:
        with self.assertRaises(Unfit):
            edited({"at": DATE}, lambda data: data.update(at="‹cut: Python datetime 2030-01-01T00:00:00›"))

    def test_refuses_a_mark_in_another_place(self) -> None:
        for edit in (
            lambda data: data.update(other=data["at"]),
            lambda data: data.update(cart=[data["at"]]),
            lambda data: data["l"].reverse(),
            lambda data: data.update({"‹cut: Python tuple›": 1}),
        ):
            with self.assertRaises(Unfit):
                edited({"at": DATE, "cart": [], "l": [DATE, 1]}, edit)

    def test_refuses_to_guess_which_of_two_like_items_was_removed(self) -> None:
        with self.assertRaises(Unfit):
            edited({"l": [{1, 2}, {3, 4}]}, lambda data: data["l"].pop(0))

    def test_refuses_an_edit_in_a_dictionary_whose_keys_look_the_same(self) -> None:
        with self.assertRaises(Unfit):
            edited({"d": {1: "a", "1": "b"}}, lambda data: data["d"].update(x=1))

    def test_refuses_what_is_nested_too_deeply(self) -> None:
        with self.assertRaises(Unfit):
            merge({}, "{}", '{"a":' * 100_000 + "1" + "}" * 100_000)

    def test_deletes_a_value_that_json_has_no_form_for(self) -> None:
        self.assertEqual(edited({"at": DATE, "a": 1}, lambda data: data.pop("at")), {"a": 1})
