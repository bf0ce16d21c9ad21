"""
An edited session as Python data: a value that was not edited stays the object that it was.

The tab edits JSON. What JSON has no form for, such as a date in a pickled session, is there only as a mark:
see ``plain_json``.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from .plain_json import dumps, is_mark


class Unfit(Exception):
    """An edit that Django could not store. Its text is a sentence for the developer, without values."""


def merge(original: Any, before_json: str, after_json: str) -> Any:
    """
    Return new data for ``after_json``; ``original`` is left as it is.

    :param original: the data of which ``before_json`` is the JSON
    :raises Unfit: if a mark was changed, or is where no such value was
    :raises ValueError: if a string is no JSON
    """
    try:
        return _merge(original, json.loads(before_json), json.loads(after_json))
    except RecursionError:
        raise Unfit("The data are nested too deeply. Use fewer levels.") from None


def has_mark(value: Any) -> bool:
    """Return whether some parsed JSON contains a mark, as a value or as a key."""
    if isinstance(value, dict):
        return any(is_mark(key) or has_mark(item) for key, item in value.items())
    if isinstance(value, list):
        return any(has_mark(item) for item in value)
    return is_mark(value)


def _merge(original: Any, before: Any, after: Any) -> Any:
    if _is_same(before, after):
        return original
    if isinstance(after, dict) and isinstance(before, dict) and isinstance(original, dict):
        return _merge_dicts(original, before, after)
    if isinstance(after, list) and isinstance(before, list) and isinstance(original, (list, tuple)):
        return _merge_lists(original, before, after)
    return _new(after)


def _merge_dicts(original: dict[Any, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[Any, Any]:
    keys = {_name(key): key for key in original}
    if len(keys) != len(original):
        raise Unfit(
            'Two keys look the same as JSON, such as 1 and "1". Change this value in the site\'s own code.'
        )
    merged = copy.copy(original)  # keeps its class: OrderedDict, defaultdict
    merged.clear()
    for name, value in after.items():
        if name in keys:
            merged[keys[name]] = _merge(original[keys[name]], before[name], value)
        else:
            merged[_new(name)] = _new(value)
    return merged


def _merge_lists(original: Any, before: list[Any], after: list[Any]) -> Any:
    start = _count_same(zip(before, after))
    rest = min(len(before), len(after)) - start
    end = min(_count_same(zip(reversed(before), reversed(after))), rest)
    marked = [dumps(item) for item in before if has_mark(item)]
    if len(before) != len(after) and len(set(marked)) < len(marked):
        raise Unfit("Several items of this list look the same as JSON. Change it in the site's own code.")
    middle = after[start : len(after) - end]
    known = range(start, len(before) - end)
    items = [
        *original[:start],
        *(
            _merge(original[at], before[at], item) if at in known else _new(item)
            for at, item in enumerate(middle, start)
        ),
        *original[len(original) - end :],
    ]
    if isinstance(original, list):
        merged = copy.copy(original)
        merged[:] = items
        return merged
    if hasattr(original, "_make"):  # a named tuple
        if len(items) != len(original):
            raise Unfit("A named tuple keeps its length. Change this value in the site's own code.")
        return original._make(items)
    return tuple(items)


def _new(value: Any) -> Any:
    """Return a value that was not there before."""
    if has_mark(value):
        raise Unfit(
            "A value that only Python has a form for cannot be moved or changed here. Leave it where it is."
        )
    return value


def _name(key: Any) -> str:
    """Return a key as ``plain_json`` writes it."""
    return key if type(key) is str else next(iter(json.loads(dumps({key: None}))))


def _is_same(one: Any, other: Any) -> bool:
    # as text: in Python 1, 1.0 and True are equal, and NaN is not equal to itself
    return dumps(one) == dumps(other)


def _count_same(pairs: Iterator[Any]) -> int:
    count = 0
    for one, other in pairs:
        if not _is_same(one, other):
            break
        count += 1
    return count
