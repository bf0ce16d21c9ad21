"""
Answers the bridge's calls, one after another: a line of JSON in, a line of JSON out.

One bad call never ends it. What went wrong is said by the name of the error's class alone: its text may quote
a session.
"""

from __future__ import annotations

import json
from typing import IO, Any, Callable

from django.core.cache import close_caches
from django.db import close_old_connections, connections, reset_queries
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error, InterfaceError, OperationalError

from .edits import Edits

Call = dict[str, Any]

#: Bytes of a line. Of a longer one, the bridge could only end.
MAX_LINE = 64 * 1024 * 1024


def answer_all(edits: Edits, calls: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the calls end, or until no one reads the answers."""
    for line in iter(calls.readline, b""):
        answer = answer_line(edits, line)
        if answer is None:
            continue
        try:
            answers.write(answer)
            answers.flush()
        except (BrokenPipeError, OSError):
            return


def answer_line(edits: Edits, line: bytes) -> bytes | None:
    """Return the line that answers a line; None if it is no call, and so has no answer."""
    try:
        call = json.loads(line)
        number = call["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    reply: dict[str, Any] = {"id": number}
    try:
        reply["answer"] = _answer(edits, call)
        line = _to_line(reply)
        return line if len(line) <= MAX_LINE else _to_line({"id": number, "error": "SessionTooLong"})
    except Exception as error:  # whatever a site's engine, serializer or database raises
        return _to_line({"id": number, "error": type(error).__name__})


def _answer(edits: Edits, call: Call) -> dict[str, Any]:
    perform = _CALLS[call["call"]]
    close_old_connections()
    were_open = [one for one in connections.all() if one.connection is not None]
    try:
        try:
            return perform(edits, call)
        except (OperationalError, InterfaceError):
            if not _close_lost(were_open):
                raise
            return perform(edits, call)  # compares again before it writes
    finally:
        _tidy_up()


def _close_lost(were_open: list[BaseDatabaseWrapper]) -> bool:
    """Close connections whose server has ended or was restarted; return whether there were any."""
    lost = [one for one in were_open if one.connection is None or not one.is_usable()]
    for one in lost:
        one.close()
    return bool(lost)


def _tidy_up() -> None:
    """Leave no transaction open and no query in memory, as Django does at the end of a request."""
    for one in connections.all():
        if one.connection is None or one.in_atomic_block or one.autocommit:
            continue
        try:
            one.commit()  # with AUTOCOMMIT off
        except Error:
            one.close()
    reset_queries()  # with DEBUG, Django keeps every query
    close_old_connections()
    close_caches()


def _restore(edits: Edits, call: Call) -> dict[str, Any]:
    expected = {"if_stored": _text_or_none(call, "ifStored")} if "ifStored" in call else {}
    return edits.restore(_copy(call["copy"]), _text_or_none(call, "replaces"), **expected)


_CALLS: dict[str, Callable[[Edits, Call], dict[str, Any]]] = {
    "prove": lambda edits, call: edits.prove(_text(call, "cookie")),
    "stored": lambda edits, call: edits.stored(_text(call, "key")),
    "read": lambda edits, call: edits.read(_text(call, "key")),
    "replace": lambda edits, call: edits.replace(
        _text(call, "key"), _text(call, "json"), _text(call, "ifStored")
    ),
    "expiry": lambda edits, call: edits.expiry(_text(call, "key"), call["change"], _text(call, "ifStored")),
    "cycle": lambda edits, call: edits.cycle(_text(call, "key"), _text(call, "ifStored")),
    "flush": lambda edits, call: edits.flush(_text(call, "key"), _text(call, "ifStored")),
    "restore": _restore,
}


def _text(call: Call, name: str) -> str:
    value = call[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is a string")
    return value


def _text_or_none(call: Call, name: str) -> str | None:
    return None if call[name] is None else _text(call, name)


def _copy(value: Any) -> dict[str, Any]:
    """Return the view that is to be put back, checked as far as it is used."""
    _text(value, "key")
    _text(value, "json")
    expires_at = value["expiresAt"]
    if expires_at is not None and not isinstance(expires_at, (int, float)):
        raise TypeError("expiresAt is a number or null")
    return value


def _to_line(reply: dict[str, Any]) -> bytes:
    return json.dumps(reply, separators=(",", ":")).encode() + b"\n"
