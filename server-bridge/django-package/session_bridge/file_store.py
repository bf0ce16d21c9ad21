"""
Sessions in files, as Django's file engine writes them.

A file's time says when its session was last saved, and so when it expires: an edit keeps it.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.sessions.exceptions import InvalidSessionKey

from . import expiry
from .stores import TAMPERED, UNKNOWN, Found, Lookup, Store, decode


class _Seen(NamedTuple):
    text: str
    modified_ns: int


class FileStore(Store):
    """Written in whole: no reader ever sees half a session, and none is lost if this process is killed."""

    counts_seconds = False

    def find(self, key: str) -> Lookup:
        """See ``Store.find``. Django's own ``load`` deletes an expired session and creates another."""
        session = self.session(key)
        try:
            path = session._key_to_file(key)
            with open(path, encoding="ascii") as opened:
                seen = _Seen(opened.read(), os.fstat(opened.fileno()).st_mtime_ns)
        except (FileNotFoundError, InvalidSessionKey):
            return UNKNOWN
        except UnicodeDecodeError:
            return TAMPERED
        data = decode(session, seen.text) if seen.text else {}  # empty: Django has only just created it
        if data is None:
            return TAMPERED
        expires_at = _expires_at(session, data, seen)
        if expires_at is not None and expires_at <= expiry.now_ms():
            return UNKNOWN
        return Found(key, data, expires_at, seen)

    def write(self, found: Found, data: dict[str, Any], expires_at: float | None = None) -> bool:
        """See ``Store.write``. Django takes no turns: its save can be lost between comparing and writing."""
        session = self.session(found.key, data)
        path = session._key_to_file(found.key)
        temporary = _write_temporary(session, path, self._modified_ns(session, found.seen, expires_at))
        try:
            if not self._is_unchanged(found):
                return False
            os.replace(temporary, path)
            return True
        finally:
            _remove(temporary)

    def put(self, key: str, data: dict[str, Any], expires_at: float | None) -> bool:
        """See ``Store.put``."""
        session = self.session(key, data)
        path = session._key_to_file(key)
        temporary = _write_temporary(session, path, self._modified_ns(session, None, expires_at))
        try:
            if self.find(key) == UNKNOWN and os.path.exists(path):
                os.replace(temporary, path)  # over an expired one
            else:
                os.link(temporary, path)
            return True
        except FileExistsError:
            return False
        finally:
            _remove(temporary)

    def move(self, found: Found, key: str) -> bool:
        """See ``Store.move``. In one step, and the file keeps its time."""
        session = self.session(found.key)
        if not self._is_unchanged(found):
            return False
        os.rename(session._key_to_file(found.key), session._key_to_file(key))
        return True

    def _is_unchanged(self, found: Found) -> bool:
        now = self.find(found.key)
        return isinstance(now, Found) and now.seen == found.seen

    def _modified_ns(self, session: Any, seen: _Seen | None, expires_at: float | None) -> int | None:
        """Return the time to give to the file, from which Django counts the age; None for now."""
        if expires_at is not None and not session._session_cache.get(expiry.KEY):
            return round((expires_at - session.get_session_cookie_age() * 1000) * 1e6)
        return None if seen is None else seen.modified_ns


def _expires_at(session: Any, data: dict[str, Any], seen: _Seen) -> float | None:
    """
    Return when Django will no longer load the session; None for never, as for an expiry in seconds.

    :source: ``django/contrib/sessions/backends/file.py``, ``_expiry_date`` and ``load``
    """
    stored = data.get(expiry.KEY)
    if not stored:
        return seen.modified_ns / 1e6 + session.get_session_cookie_age() * 1000
    if not isinstance(stored, (str, datetime)) or expiry.find_fault(_with(session, data)) is not None:
        return None
    return expiry.to_ms(_with(session, data).get_expiry_date())


def _with(session: Any, data: dict[str, Any]) -> Any:
    """Return the session with data in memory."""
    session._session_cache = data
    return session


def _write_temporary(session: Any, path: str, modified_ns: int | None) -> str:
    """Write the session to a new file next to its own, with the name that Django's save would choose."""
    folder, prefix = os.path.split(path)
    opened, temporary = tempfile.mkstemp(dir=folder, prefix=prefix + "_out_")
    try:
        with open(opened, "wb") as file:
            file.write(session.encode(session._session_cache).encode())
        if modified_ns is not None:
            os.utime(temporary, ns=(modified_ns, modified_ns))
    except BaseException:
        _remove(temporary)
        raise
    return temporary


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
