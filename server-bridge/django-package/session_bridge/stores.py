"""
The site's stored sessions, read and written through Django's own session class.

Reading never touches: Django's ``load`` deletes, creates or caches as it reads, so it is not used where that
happens. Only the session of the given key is read or written. Each kind of engine compares as exactly as it
can before it writes.
"""

from __future__ import annotations

import inspect
import pickle
import zlib
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, Union

from django.conf import settings
from django.contrib.sessions.backends import cache, cached_db, db, file, signed_cookies
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.core import signing
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache, InvalidCacheKey
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache

from . import expiry
from .merge import Unfit

#: There is no session, or it has expired.
UNKNOWN = "unknown"
#: There is one, but Django cannot read it.
TAMPERED = "tampered"

READ = ("read",)
EDIT = ("read", "edit", "expiry", "cycle", "flush", "restore")

#: What unpickling raises for data that were changed, or whose classes are no longer there.
_UNREADABLE = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, zlib.error)


class Found(NamedTuple):
    """A session as it is stored now."""

    key: str
    data: dict[str, Any]
    #: Milliseconds since 1970; None if the store cannot say.
    expires_at: float | None
    #: What the store compares before it writes.
    seen: Any = None


Lookup = Union[Found, str]


class Store:
    """Any session class, through its own methods alone: a site's own engine, and the base of the others."""

    capabilities: Sequence[str] = EDIT
    #: A sentence for the terminal on what cannot be edited; None if everything can.
    note: str | None = None
    #: Whether the cookie carries the session.
    is_carried = False
    #: Whether an expiry in seconds ends a session in the store, and not only its cookie.
    counts_seconds = True

    def __init__(self, session_class: type[SessionBase]) -> None:
        self.session_class = session_class

    def session(self, key: str | None, data: dict[str, Any] | None = None) -> Any:
        """Return a session object in memory; with ``data``, it will not load."""
        session = self.session_class(key)
        if data is not None:
            session._session_cache = data
        return session

    def new_key(self) -> str:
        """Return a key that no session has."""
        return self.session(None)._get_new_session_key()

    def find(self, key: str) -> Lookup:
        """Return the session, or why there is none. Touches nothing."""
        session = self.session(key)
        if not session.exists(key):
            return UNKNOWN
        # as Django's own clear_expired does: a class that creates, saves or deletes as it loads does not
        session.create = session.save = session.delete = lambda *_, **__: None
        data = session.load()
        if session.session_key is None:
            return UNKNOWN
        return Found(key, data, None) if isinstance(data, dict) else TAMPERED

    def write(self, found: Found, data: dict[str, Any], expires_at: float | None = None) -> bool:
        """
        Store ``data`` in place of the session that was found; False if it has changed or gone meanwhile.

        :param expires_at: None keeps the expiry, if the store can
        """
        try:
            self._expiring(self.session(found.key, data), expires_at).save()
        except UpdateError:
            return False
        return True

    def put(self, key: str, data: dict[str, Any], expires_at: float | None) -> bool:
        """Store a session under a key that none has; False if one has it."""
        try:
            self._expiring(self.session(key, data), expires_at).save(must_create=True)
        except CreateError:
            return False
        return True

    def move(self, found: Found, key: str) -> bool:
        """Store the session that was found under another key; False if it has changed or gone meanwhile."""
        if not self.put(key, found.data, found.expires_at):
            return False
        self.delete(found.key)
        return True

    def delete(self, key: str) -> None:
        """Delete the session, if there is one."""
        self.session(None).delete(key)

    def find_trouble(self) -> str | None:
        """Return why no session can be read, as a sentence with the next step; None if they can."""
        return None

    def check_encoding(self, session: SessionBase) -> None:
        """
        Raise if the session's data cannot be stored.

        :raises Unfit: with the next step
        """
        try:
            session.encode(session._session_cache)
        except Exception:  # a serializer may raise anything
            raise Unfit(expiry.why_not_encoded(session)) from None

    @staticmethod
    def _expiring(session: Any, expires_at: float | None) -> Any:
        """Let a session be saved with this expiry, whatever its data say."""
        if expires_at is not None:
            age = round((expires_at - expiry.now_ms()) / 1000)
            session.get_expiry_age = lambda **_: age
            session.get_expiry_date = lambda **_: expiry.to_date(expires_at)
        return session


class CacheStore(Store):
    """Sessions in a cache that processes share. It cannot be asked for an expiry: a write renews it."""

    def __init__(self, session_class: type[SessionBase]) -> None:
        super().__init__(session_class)
        note = _why_no_cache(caches[settings.SESSION_CACHE_ALIAS])
        if note is not None:
            self.capabilities = ()
            self.note = note

    def find(self, key: str) -> Lookup:
        """See ``Store.find``. To Django's own ``load``, a session that is broken is not there."""
        if not self.capabilities:
            return UNKNOWN
        session = self.session(key)
        try:
            data = session._cache.get(session.cache_key)
        except InvalidCacheKey:
            return UNKNOWN
        except _UNREADABLE:
            return TAMPERED
        if data is None:
            return UNKNOWN
        return Found(key, data, None) if isinstance(data, dict) else TAMPERED

    def check_encoding(self, session: SessionBase) -> None:
        """See ``Store.check_encoding``: caches pickle, and everything that the tab sends can be pickled."""


class CarriedStore(Store):
    """Sessions in signed cookies: the cookie is the key, and only the browser has it."""

    capabilities = READ
    note = (
        "Signed cookies are read, not edited: the session is in the browser's cookie, and only the site can "
        "sign another."
    )
    is_carried = True

    def find(self, key: str) -> Lookup:
        """Return the session that a cookie carries, if Django accepts its signature and its age."""
        refused = []
        session = self.session(key)
        session.create = lambda: refused.append(key)
        data = session.load()
        if refused or not isinstance(data, dict):
            return UNKNOWN
        return Found(key, data, _signed_at_ms(key) + session.get_session_cookie_age() * 1000)


def decode(session: SessionBase, text: str) -> dict[str, Any] | None:
    """Return the data of a stored string; None if it cannot be read, where Django sees an empty session."""
    try:
        data = session.decode(text)
    except Exception:  # Django 3.2, for what is no base64
        return None
    if not isinstance(data, dict):
        return None
    return data if data or _is_empty(session, text) else None


def open_store() -> Store:
    """Return the site's store, by ``SESSION_ENGINE``."""
    # imports Django's session model, which needs its apps to be ready
    from .file_store import FileStore
    from .row_stores import CachedRowStore, RowStore

    session_class = import_module(settings.SESSION_ENGINE).SessionStore
    if issubclass(session_class, signed_cookies.SessionStore):
        return CarriedStore(session_class)
    kinds = (
        (cached_db.SessionStore, CachedRowStore),
        (db.SessionStore, RowStore),
        (file.SessionStore, FileStore),
        (cache.SessionStore, CacheStore),
    )
    for base, kind in kinds:
        if issubclass(session_class, base):
            return kind(session_class) if _stores_like(session_class, base) else Store(session_class)
    return Store(session_class)


def _why_no_cache(backend: BaseCache) -> str | None:
    """Return why another process cannot read this cache, as a sentence; None if it can."""
    if isinstance(backend, LocMemCache):
        return (
            "LocMemCache lives in the site's process, where this command can neither read nor edit its "
            "sessions. To see them as they are stored, use a cache that processes share, such as Redis or "
            "FileBasedCache."
        )
    if isinstance(backend, DummyCache):
        return "DummyCache stores nothing, so no session lasts. Use another cache, or another SESSION_ENGINE."
    return None


def _stores_like(session_class: type[SessionBase], base: type[SessionBase]) -> bool:
    """Return whether a site's subclass leaves reading and writing to Django's class."""
    # Django's methods may be wrapped by this package
    return all(
        inspect.unwrap(getattr(session_class, name)) is inspect.unwrap(getattr(base, name))
        for name in ("load", "save", "delete", "exists")
    )


def _is_empty(session: SessionBase, text: str) -> bool:
    """Return whether a string from which nothing was decoded is a stored empty session."""
    if inspect.unwrap(type(session).decode) is not inspect.unwrap(SessionBase.decode):
        return True  # the site's own form
    try:
        signing.loads(text, salt=session.key_salt, serializer=session.serializer)
        return True
    except Exception:  # as Django's decode: a wrong signature, or data that cannot be read
        pass
    legacy = getattr(session, "_legacy_encode", None)  # the form before Django 3.1, which 3.2 reads
    return legacy is not None and legacy({}) == text


def _signed_at_ms(cookie: str) -> float:
    """Return when a cookie was signed. :source: ``django.core.signing.TimestampSigner``"""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    seconds = 0
    for digit in cookie.rsplit(":", 2)[-2]:
        seconds = seconds * 62 + digits.index(digit)
    return seconds * 1000
