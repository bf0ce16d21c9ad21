"""
What the bridge asks for: to read one session, and to change it if it is still as the tab saw it.

Every call compares the session as it is with what the tab saw, writes, and answers with what is stored
afterwards.
"""

from __future__ import annotations

import json as json_module
from typing import Any, Callable

from . import expiry
from .merge import Unfit, has_mark, merge
from .originals import Originals
from .plain_json import dumps
from .stores import TAMPERED, UNKNOWN, Found, Store

View = dict[str, Any]
Answer = dict[str, Any]

_NOT_COUNTED = (
    "Django's file engine does not count an expiry in seconds: such a session stays until its browser "
    "forgets the cookie. Set a date, or the default."
)

GONE: Answer = {"ok": False, "reason": "gone"}


class Edits:
    """The calls of the bridge on one store. What they return is sent as it is."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._originals = Originals()

    def prove(self, cookie: str) -> Answer:
        """Return the key that a cookie carries, if Django accepts it: the cookie itself."""
        is_accepted = self._store.is_carried and isinstance(self._store.find(cookie), Found)
        return {"key": cookie if is_accepted else None}

    def stored(self, key: str) -> Answer:
        """Return whether something is stored under exactly this key."""
        return {"stored": self._store.find(key) != UNKNOWN}

    def read(self, key: str) -> Answer:
        """Return the session, or why there is none."""
        found = self._store.find(key)
        if isinstance(found, Found):
            return {"found": True, "view": self._view(found)}
        return {"found": False, "reason": found}

    def replace(self, key: str, json: str, if_stored: str) -> Answer:
        """Store other data, with the same expiry."""

        def write(found: Found) -> Answer:
            data = merge(found.data, dumps(found.data), json)
            if not isinstance(data, dict):
                raise ValueError("the data of a session are a dictionary")
            self._check(data, found)
            return self._answer_write(found, data, None)

        return self._edit("edit", key, if_stored, write)

    def expiry(self, key: str, change: dict[str, Any], if_stored: str) -> Answer:
        """Change when the session expires."""

        def write(found: Found) -> Answer:
            data = dict(found.data)
            session = self._store.session(found.key, data)
            expiry.change(session, change)
            if change["kind"] != "shift":
                self._check(data, None)
                return self._answer_write(found, data, expiry.to_ms(session.get_expiry_date()))
            if found.expires_at is None:
                self._check(data, None)
                if not self._store.counts_seconds:
                    raise Unfit(_NOT_COUNTED)
            ends = self._ends_at(found._replace(data=data))
            return self._answer_write(found, data, ends - change["shiftSeconds"] * 1000)

        return self._edit("expiry", key, if_stored, write)

    def cycle(self, key: str, if_stored: str) -> Answer:
        """Move the session to a new key."""

        def write(found: Found) -> Answer:
            new_key = self._store.new_key()
            if not self._store.move(found, new_key):
                return self._answer_changed(found.key)
            return self._done(self._view(found), self._view_now(found._replace(key=new_key)))

        return self._edit("cycle", key, if_stored, write)

    def flush(self, key: str, if_stored: str) -> Answer:
        """Delete the session."""

        def write(found: Found) -> Answer:
            before = self._view(found)
            self._store.delete(found.key)
            return self._done(before, None)

        return self._edit("flush", key, if_stored, write)

    def restore(self, copy: View, replaces: str | None, **expected: str | None) -> Answer:
        """
        Put a copy back under its key, and delete the session of the key ``replaces``.

        :param expected: ``if_stored``: what must be stored under the copy's key now, None for nothing.
            Absent: anything
        """
        try:
            self._require("restore")
            return self._restore(copy, replaces, expected)
        except Unfit as unfit:
            return _to_answer(unfit)

    def _restore(self, copy: View, replaces: str | None, expected: dict[str, str | None]) -> Answer:
        key = copy["key"]
        data = self._restored(copy)
        now = self._store.find(key)
        if now == TAMPERED:
            return GONE
        if isinstance(now, Found):
            view = self._view(now)
            if "if_stored" in expected and expected["if_stored"] != view["stored"]:
                return {"ok": False, "reason": "conflict", "now": view}
            is_back = self._store.write(now, data, copy["expiresAt"])
        else:
            view = copy
            is_back = expected.get("if_stored") is None and self._store.put(key, data, copy["expiresAt"])
        if not is_back:
            return self._answer_changed(key) if isinstance(now, Found) else GONE
        if replaces is not None and replaces != key:
            self._store.delete(replaces)
        return self._done(view, self._view_now(Found(key, data, copy["expiresAt"])))

    def _edit(self, capability: str, key: str, if_stored: str, write: Callable[[Found], Answer]) -> Answer:
        """Pass the session to ``write`` if it is what the tab saw."""
        found = self._store.find(key)
        if not isinstance(found, Found):
            return GONE
        view = self._view(found)
        if view["stored"] != if_stored:
            return {"ok": False, "reason": "conflict", "now": view}
        try:
            self._require(capability)
            return write(found)
        except Unfit as unfit:
            return _to_answer(unfit)

    def _require(self, capability: str) -> None:
        if capability not in self._store.capabilities:
            raise Unfit(self._store.note or "The site's session engine cannot do this.")

    def _check(self, data: dict[str, Any], before: Found | None) -> None:
        """Raise ``Unfit`` if Django could not store the data, or can no longer read their expiry."""
        store = self._store
        session = store.session("", data)
        fault = expiry.find_fault(session)
        if fault is not None and (
            before is None or expiry.find_fault(store.session("", before.data)) is None
        ):
            raise Unfit(fault)
        store.check_encoding(session)

    def _answer_write(self, found: Found, data: dict[str, Any], expires_at: float | None) -> Answer:
        before = self._view(found)
        if not self._store.write(found, data, expires_at):
            return self._answer_changed(found.key)
        ends = found.expires_at if expires_at is None else expires_at
        return self._done(before, self._view_now(found._replace(data=data, expires_at=ends)))

    def _answer_changed(self, key: str) -> Answer:
        now = self._store.find(key)
        return {"ok": False, "reason": "conflict", "now": self._view(now)} if isinstance(now, Found) else GONE

    def _restored(self, copy: View) -> dict[str, Any]:
        kept = self._originals.find(copy["key"], copy["json"])
        if kept is not None:
            return kept
        data = json_module.loads(copy["json"])
        if not isinstance(data, dict):
            raise ValueError("the data of a session are a dictionary")
        if has_mark(data):
            raise Unfit(
                "The session held values that only Python has a form for, and this command no longer has "
                "them. Log in again to get a new session."
            )
        self._store.check_encoding(self._store.session("", data))
        return data

    def _ends_at(self, found: Found) -> float:
        if found.expires_at is not None:
            return found.expires_at
        return expiry.to_ms(self._store.session(found.key, found.data).get_expiry_date())

    def _view_now(self, written: Found) -> View:
        """Return what is stored now; if that has already expired, what was written."""
        now = self._store.find(written.key)
        return self._view(now if isinstance(now, Found) else written)

    def _view(self, found: Found) -> View:
        json = dumps(found.data)
        self._originals.keep(found.key, json, found.data)
        session = self._store.session(found.key, found.data)
        is_right = expiry.find_fault(session) is None
        return {
            "key": found.key,
            "json": json,
            "stored": found.key if self._store.is_carried else json,
            "expiresAt": found.expires_at,
            "atBrowserClose": is_right and bool(session.get_expire_at_browser_close()),
            "ageSeconds": session.get_expiry_age() + 0 if is_right else 0,  # True is stored as an age, too
        }

    def _done(self, before: View, after: View | None) -> Answer:
        cookie_expires_at = None
        if after is not None and not after["atBrowserClose"]:
            ends = after["expiresAt"]
            cookie_expires_at = expiry.now_ms() + after["ageSeconds"] * 1000 if ends is None else ends
        return {
            "ok": True,
            "before": before,
            "after": after,
            "cookie": None if after is None else after["key"],
            "cookieExpiresAt": cookie_expires_at,
        }


def _to_answer(unfit: Unfit) -> Answer:
    return {"ok": False, "reason": "unfit", "why": str(unfit)}
