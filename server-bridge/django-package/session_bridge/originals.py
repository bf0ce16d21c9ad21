"""
What sessions held that JSON has no form for, so that an edit can be undone: the tab keeps only JSON.

In memory, and bounded: 200 sessions, 32 MiB.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import Any

MAX_SESSIONS = 200
MAX_BYTES = 32 * 1024 * 1024


class Originals:
    """The data of the sessions that were seen last, by their key and their JSON."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0

    def keep(self, key: str, json: str, data: Any) -> None:
        """Remember the data, unless its JSON says all of it."""
        if _is_plain(data, 0) and "\\u2039cut: " not in json:
            return
        try:
            pickled = pickle.dumps(data)
        except Exception:  # a serializer of the site's own can hold what pickle cannot
            return
        self._forget((key, json))
        self._kept[(key, json)] = pickled
        self._bytes += len(pickled)
        while len(self._kept) > MAX_SESSIONS or self._bytes > MAX_BYTES:
            self._forget(next(iter(self._kept)))

    def find(self, key: str, json: str) -> Any | None:
        """Return the data of which this is the JSON; None if it is not remembered."""
        pickled = self._kept.get((key, json))
        # pickled by this process
        return None if pickled is None else pickle.loads(pickled)

    def _forget(self, name: tuple[str, str]) -> None:
        self._bytes -= len(self._kept.pop(name, b""))


def _is_plain(value: Any, depth: int) -> bool:
    """Return whether reading the value's JSON gives the same value."""
    if value is None or type(value) in (str, int, float, bool):
        return True
    if depth > 100:
        return False
    if type(value) is list:
        return all(_is_plain(item, depth + 1) for item in value)
    if type(value) is dict:
        return all(type(key) is str and _is_plain(item, depth + 1) for key, item in value.items())
    return False
