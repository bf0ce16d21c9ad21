"""A session's data as JSON, as Django writes it, with a mark for every value that JSON has no form for."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

MAX_DEPTH = 100
MAX_MARK = 80


def dumps(data: Any) -> str:
    """
    Return the data as JSON, in its own order. Never raises, and calls no code of the objects in it.

    :source: ``django.core.signing.JSONSerializer`` for the separators and the escapes
    """
    try:
        return json.dumps(data, separators=(",", ":"))
    except Exception:  # a value, a key or a cycle that JSON has no form for
        return json.dumps(_plain(data, 0), separators=(",", ":"))


def mark(what: str) -> str:
    """Return the string that stands for a value that JSON has no form for, as the tab reads it."""
    shown = what.replace("›", "").replace("‹", "")
    return f"‹cut: {shown[:MAX_MARK]}›"


def is_mark(value: Any) -> bool:
    """Return whether a value of some JSON stands for something else."""
    return isinstance(value, str) and value.startswith("‹cut: ") and value.endswith("›")


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if type(value) in (str, int, float):
        return value
    if depth >= MAX_DEPTH:
        return mark(f"deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in dict.items(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    return _scalar(value)


def _key(key: Any) -> str:
    """Return a key as ``json`` writes it."""
    if type(key) is str:
        return key
    if key is None or isinstance(key, bool) or type(key) in (int, float):
        return json.dumps(key)
    return _describe(key)


def _scalar(value: Any) -> Any:
    # a subclass of these is written by its base, as json does; its own methods are not called
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    return _describe(value)


def _describe(value: Any) -> str:
    kind = type(value)
    if kind in (datetime, date, time):
        return mark(f"Python {kind.__name__} {value.isoformat()}")
    if kind in (Decimal, UUID, timedelta):
        return mark(f"Python {kind.__name__} {value}")
    if kind in (bytes, bytearray, set, frozenset):
        return mark(f"Python {kind.__name__}, {len(value)} long")
    return mark(f"Python {kind.__module__}.{kind.__qualname__}")
