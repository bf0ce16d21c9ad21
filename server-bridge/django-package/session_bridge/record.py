"""What one request did to its session, gathered while it runs, and reported as one line of the channel."""

from __future__ import annotations

import secrets
import time
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from http.cookies import Morsel
from typing import Any, Callable
from weakref import ref

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import LazyObject

from .plain_json import dumps
from .writer import line_of_site

MAX_OPERATIONS = 100
MAX_LINES = 100
#: How many of the operations may concern other sessions: an admin may delete thousands.
MAX_OTHERS = 50
#: Characters of what a visitor may choose. The bridge shows no more, and closes the channel for far more.
MAX_METHOD = 100
MAX_PATH = 2048
MAX_NAME = 1024

Side = dict[str, Any]

#: The request in hand. It is not reset, so that a change after the response still finds its request.
current: ContextVar[Record | None] = ContextVar("session_bridge_record", default=None)


class Record:
    """One request. Knows no store and no channel; it never loads the session."""

    def __init__(self, request: HttpRequest) -> None:
        self.id = secrets.token_urlsafe(16)
        self.request = request
        #: The request whose view sent this one, through Django's test client; it goes on afterwards.
        self.outer: Record | None = None
        #: The session that Django gave to the request; None until it is used.
        self.session: Any = None
        #: What Django had given to it when the view began; None before that.
        self.given: Any = None
        self.is_loaded = False
        self.is_done = False
        #: Nothing happened to a session; known at the end.
        self.is_bare = True
        #: While the session is loaded: its store had nothing for it, or it could not be read.
        self.is_refused = False
        self.is_unreadable = False
        #: Something of it could not be noted.
        self.is_faulty = False
        #: Is called when a key was changed after the response.
        self.on_late: Callable[[Record], None] = _ignore
        #: When the session expires, as Django itself last computed it: milliseconds since 1970.
        self.expires_at: float | None = None
        self._loaded: Side | None = None
        self._loaded_at: float | None = None
        self._stored: Side | None = None
        self._is_stored = False
        self._operations: list[dict[str, Any]] = []
        self._others = 0
        self._next_reason: str | None = None
        self._writers: dict[str, str] = {}
        self._readers: dict[str, str] = {}
        self._late: list[str] = []
        self._late_keys: set[str] = set()
        #: After the response: the session, for as long as something else needs it.
        self._last: ref[Any] | None = None
        self._at = time.time()
        self._started = time.perf_counter()

    def owns(self, session: Any) -> bool:
        """Return whether it is the request's own session, and not one that the view opened besides."""
        if self.session is session or (self._last is not None and self._last() is session):
            return True
        if self.is_done or self.session is not None or self._given_session() is not session:
            return False
        self.session = session
        return True

    def begin_view(self) -> None:
        """The view begins: what it puts in the place of the request's session may be another client's."""
        self.given = self._current_session()

    def loaded(self, key: str | None, data: Any, began: float) -> None:
        """The store was asked for the session. ``key``: None if it has none. ``began``: a monotonic time."""
        if self.is_loaded:
            return
        self.is_loaded = True
        self._loaded_at = began
        self._loaded = None if key is None else self._side(key, data)
        self.expires_at = None

    def saved(self, session: Any) -> None:
        """The session's data are in the store now, under its key."""
        self._is_stored = True
        self._stored = self._side(session.session_key, session.__dict__.get("_session_cache", {}))

    def removed(self) -> None:
        """Nothing is stored for this request any longer."""
        self._is_stored = True
        self._stored = None

    def operation(self, name: str, seconds: float, reason: str | None = None, key: str | None = None) -> None:
        """Something was done to the store; with a ``key``, to that other session."""
        if len(self._operations) >= MAX_OPERATIONS or (key is not None and self._others >= MAX_OTHERS):
            return
        one: dict[str, Any] = {"name": name, "durationMs": _milliseconds(seconds)}
        if key is not None:
            self._others += 1
            one["key"] = key
        elif reason is None and name in ("flush", "cycle"):
            reason, self._next_reason = self._next_reason, None
        if reason is not None:
            one["reason"] = reason
        self._operations.append(one)

    def logged_in(self) -> None:
        """The user was logged in: that is why the session has just got a new key, or was flushed."""
        for one in reversed(self._operations):
            if one["name"] in ("cycle", "flush") and "key" not in one:
                one.setdefault("reason", "login")
                return

    def logging_out(self) -> None:
        """The user is being logged out: that is why the session will be flushed."""
        self._next_reason = "logout"

    def wrote(self, *keys: Any) -> None:
        """The code at work wrote or removed these keys."""
        if self.is_done:
            new = [
                key
                for key in dict.fromkeys(str(key)[:MAX_NAME] for key in keys)
                if key not in self._late_keys
            ]
            self._late = new[: MAX_LINES - len(self._late_keys)]
            self._late_keys.update(self._late)
            if self._late:
                self.on_late(self)
            return
        self._note(self._writers, keys)

    def read(self, key: Any, value: Any) -> None:
        """The code at work has got this value; it may change what is inside."""
        if not self.is_done and isinstance(value, (list, dict)):
            self._note(self._readers, (key,), is_reading=True)

    def take_late(self) -> list[str]:
        """Return the keys that were changed after the response, and forget them."""
        late, self._late = self._late, []
        return late

    def finish(self, response: HttpResponseBase) -> dict[str, Any]:
        """Return what the channel sends about the request; from now on changes are late."""
        self.is_done = True
        ended = time.monotonic()
        # one that only a thread has used is not noted
        session = self._given_session() if self.session is None else self.session
        facts = getattr(session, "__dict__", {})
        trace: dict[str, Any] = {
            "id": self.id,
            "at": round(self._at * 1000),
            "method": (self.request.method or "")[:MAX_METHOD],
            "path": self.request.path[:MAX_PATH],
            "status": response.status_code,
            "durationMs": _milliseconds(time.perf_counter() - self._started),
            "loadedAtMs": None if self._loaded_at is None else _milliseconds(self._loaded_at),
            "endedAtMs": _milliseconds(ended),
            "accessed": facts.get("accessed") is True,
            "modified": facts.get("modified") is True,
            "writers": self._writers,
            "cookie": read_cookie(response, time.time() * 1000),
        }
        if self.is_loaded:
            trace["loaded"] = self._loaded
        if self._current_session() is not session:
            trace["incomplete"] = "other"  # the view gave the request another session
        is_known = self.is_loaded or self._is_stored or trace["modified"]
        if "_session_cache" in facts and session.session_key and not is_known:
            trace["incomplete"] = "other"  # it was loaded in a thread, or before the middleware
        if self.is_faulty:
            trace["incomplete"] = "other"
        self._add_ending(trace, facts, response.status_code)
        trace["operations"] = self._operations
        self._forget()
        return trace

    def _add_ending(self, trace: dict[str, Any], facts: dict[str, Any], status: int) -> None:
        trace["after"] = after = self._stored if self._is_stored else self._loaded
        trace["unsaved"] = trace["unsavedWhy"] = None
        if "_session_cache" not in facts:
            return
        left = dumps(facts["_session_cache"])
        if left == ("{}" if after is None else after["json"]):
            return
        if not trace["modified"] and after is None:
            return  # deleted, or loaded unseen: nothing says that a value was changed
        if not trace["modified"] and status < 500:
            trace.update(unsaved=left, unsavedWhy="unmarked", readers=self._readers)
        elif status >= 500 and trace["modified"] and not self._has_failed():
            trace.update(unsaved=left, unsavedWhy="status")
            self.operation("not-saved", 0, f"status {status}")
        elif trace["modified"]:
            trace.update(unsaved=left)

    def _forget(self) -> None:
        """Keep nothing of the request alive: the record lives until the next request of its thread."""
        session = self._given_session() if self.session is None else self.session
        if session is not None:
            self._last = ref(session)
        self.is_bare = self.session is None and not self._operations
        self.session = self.given = None
        self.request = HttpRequest()

    def _given_session(self) -> Any:
        return self._current_session() if self.given is None else self.given

    def _has_failed(self) -> bool:
        """Return whether a save has failed: then the status comes from that."""
        return any(one["name"] == "not-saved" and "key" not in one for one in self._operations)

    def _current_session(self) -> Any:
        own = self.request.__dict__.get("session")
        return own.__dict__.get("_wrapped") if isinstance(own, LazyObject) else own

    def _side(self, key: str | None, data: Any) -> Side:
        return {"key": key or "", "json": dumps(data), "expiresAt": self.expires_at}

    def _note(self, lines: dict[str, str], keys: Any, is_reading: bool = False) -> None:
        line = line_of_site(not is_reading)
        if line is None:
            return
        for key in map(str, keys):
            if len(key) <= MAX_NAME and (key in lines or len(lines) < MAX_LINES):
                lines[key] = line


def read_cookie(response: HttpResponseBase, now_ms: float) -> dict[str, Any] | None:
    """Return what the session's ``Set-Cookie`` says, without its value; None if there is none."""
    morsel: Morsel[str] | None = response.cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return None
    age = _to_int(morsel["max-age"])
    return {
        "name": morsel.key,
        "action": "deleted" if age == 0 else "set",
        "maxAge": age,
        "expiresAtMs": _to_ms(morsel["expires"]) if age is None else round(now_ms + age * 1000),
        "path": morsel["path"] or "/",
        "domain": morsel["domain"] or None,
        "secure": bool(morsel["secure"]),
        "httpOnly": bool(morsel["httponly"]),
        "sameSite": morsel["samesite"] or None,
    }


def _ignore(_: Record) -> None:
    pass


def _to_int(text: Any) -> int | None:
    try:
        return int(text)
    except (TypeError, ValueError):
        return None


def _to_ms(text: Any) -> int | None:
    try:
        return round(parsedate_to_datetime(text).timestamp() * 1000)
    except (TypeError, ValueError, IndexError):
        return None


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
