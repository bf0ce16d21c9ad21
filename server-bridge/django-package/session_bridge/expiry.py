"""
When a session expires: what is wrong with its ``_session_expiry``, and how the tab changes it.

Django itself computes.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import django
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from .merge import Unfit

KEY = "_session_expiry"

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_USE_SECONDS = "Use the number of seconds until the session expires."
_OUTSIDE = f"{KEY} is outside the years 1 to 9999. {_USE_SECONDS}"
_NO_DATES = "Django before 4.1 cannot save a session whose expiry is a date. Use seconds instead."

#: Django stores a date as a string from this version on.
_STORES_DATES = (4, 1)


def to_ms(date: datetime) -> float:
    """Return milliseconds since 1970. A date without an offset is local time, as without ``USE_TZ``."""
    aware = date.astimezone(timezone.utc)
    ms = (aware - _EPOCH) // timedelta(microseconds=1) / 1000
    return int(ms) if ms == int(ms) else ms


def to_date(ms: float) -> datetime:
    """
    Return the date in the form in which Django compares and stores it: with an offset if ``USE_TZ`` is true.

    :raises Unfit: outside the years 1 to 9999
    """
    try:
        aware = _EPOCH + timedelta(microseconds=round(ms * 1000))
        return aware if settings.USE_TZ else aware.astimezone().replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        raise Unfit(_OUTSIDE) from None


def now_ms() -> float:
    """Return the time now."""
    return to_ms(datetime.now(timezone.utc))


def find_fault(session: SessionBase) -> str | None:
    """
    Return what is wrong with the expiry in the session's data, as a sentence; None if nothing is.

    With a wrong one, the site answers every request of that session with an error.
    """
    stored = session.get(KEY)
    try:
        age = session.get_expiry_age()
        date = session.get_expiry_date()
    except OverflowError:
        return _OUTSIDE
    except Exception:  # each version of Django raises others
        return _explain(stored)
    return None if isinstance(age, (int, float)) and isinstance(date, datetime) else _explain(stored)


def change(session: SessionBase, wanted: dict[str, Any]) -> None:
    """
    Change the data of a session in memory. ``wanted`` is the protocol's ``ExpiryChange``.

    A shift leaves seconds alone, because they count from the last save, and moves a fixed date, so that the
    next save does not undo the shift.

    :raises Unfit: if Django could not store it
    """
    kind = wanted["kind"]
    if kind == "seconds":
        session.set_expiry(wanted["seconds"])
    elif kind == "browser-close":
        session.set_expiry(0)
    elif kind == "default":
        session.set_expiry(None)
    elif kind == "at":
        session.set_expiry(to_date(wanted["at"]))
    elif kind == "shift":
        stored = session.get(KEY)
        if not isinstance(stored, (str, datetime)) or stored == "":
            return
        fault = find_fault(session)
        if fault is not None:
            raise Unfit(fault)
        date = session.get_expiry_date()
        try:
            session.set_expiry(date - timedelta(seconds=wanted["shiftSeconds"]))
        except OverflowError:
            raise Unfit(_OUTSIDE) from None
    else:
        raise ValueError("an unknown change of the expiry")


def why_not_encoded(session: SessionBase) -> str:
    """Return why the serializer refused the session's data, as a sentence."""
    if isinstance(session.get(KEY), datetime):
        return _NO_DATES
    name = settings.SESSION_SERIALIZER.rsplit(".", 1)[-1]
    return f"{name} cannot store this data. Undo the last change."


def _explain(stored: Any) -> str:
    if not isinstance(stored, str):
        return f"{KEY} is neither a number nor a date. {_USE_SECONDS}"
    if django.VERSION < _STORES_DATES:
        return _NO_DATES
    try:
        has_offset = datetime.fromisoformat(stored).tzinfo is not None
    except ValueError:
        return f"{KEY} is a string but not an ISO 8601 date. {_USE_SECONDS}"
    if has_offset:
        return f"{KEY} has an offset, while USE_TZ is false. Write it without one."
    return f"{KEY} has no offset, while USE_TZ is true. Write it with one, as in +00:00."
