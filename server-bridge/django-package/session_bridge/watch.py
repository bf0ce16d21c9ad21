"""
Wraps the session class of a site once, so that each request's record learns what is done to its session.

Every wrapped method returns and raises what the original does. Without a request it only passes the call on.
"""

from __future__ import annotations

import functools
import inspect
import logging
import time
from contextvars import ContextVar
from datetime import datetime
from pickle import PicklingError
from typing import Any, Callable

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.core.signing import JSONSerializer
from django.db import DatabaseError

from .record import Record, current

logger = logging.getLogger("session_bridge")

Method = Callable[..., Any]
#: Is given a call: the request's record, its session, the arguments, and what was returned.
Told = Callable[[Record, Any, "tuple[Any, ...]", Any], None]

_WRAPPED = "_session_bridge_wrapped"
#: The operation that is at work. What it calls in turn is a part of it.
_at_work: ContextVar[str | None] = ContextVar("session_bridge_operation", default=None)


def wrap(store: type[SessionBase]) -> None:
    """Wrap the methods of a session class, Django's or the site's own. A second call does nothing."""
    if _WRAPPED in store.__dict__:
        return
    setattr(store, _WRAPPED, True)
    for name, told in _WRITES.items():
        _replace(store, name, functools.partial(_telling, told=told, first=True))
    for name, told in _READS.items():
        _replace(store, name, functools.partial(_telling, told=told, first=False))
    for name, operation in _OPERATIONS.items():
        _replace(store, name, functools.partial(_timing, operation=operation))


def mark_logins() -> None:
    """Let the operations of a login and of a logout say so."""
    user_logged_in.connect(_logged_in, dispatch_uid="session_bridge")
    user_logged_out.connect(_logging_out, dispatch_uid="session_bridge")


def harmless(method: Method) -> Method:
    """Keep a method of ours from failing a request: the first error of each becomes one line in the log."""

    @functools.wraps(method)
    def kept(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            record = current.get()
            if record is None or not record.is_faulty:
                # its message may hold what is in the session
                logger.warning(
                    "a request could not be traced: %s in %s", type(error).__name__, method.__name__
                )
            if record is not None:
                record.is_faulty = True
            return None

    return kept


def _replace(store: type[SessionBase], name: str, make: Callable[[Method], Method]) -> None:
    method = getattr(store, name, None)
    is_static = isinstance(inspect.getattr_static(store, name, None), staticmethod)
    if inspect.isfunction(method) and not is_static:
        setattr(store, name, make(method))


def _telling(method: Method, told: Told, first: bool) -> Method:
    """Return the method, which reports each call; ``first``: before it does its work."""
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def telling(self: Any, *args: Any, **kwargs: Any) -> Any:
            if first:
                _tell(told, self, args, kwargs, None)
            result = await method(self, *args, **kwargs)
            if not first:
                _tell(told, self, args, kwargs, result)
            return result

    else:

        @functools.wraps(method)
        def telling(self: Any, *args: Any, **kwargs: Any) -> Any:
            if first:
                _tell(told, self, args, kwargs, None)
            result = method(self, *args, **kwargs)
            if not first:
                _tell(told, self, args, kwargs, result)
            return result

    return telling


@harmless
def _tell(told: Told, session: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
    record = current.get()
    if record is not None and record.owns(session):
        named = sorted(kwargs, key=lambda name: name not in _FIRST)
        told(record, session, args or tuple(kwargs[name] for name in named), result)


def _timing(method: Method, operation: str) -> Method:
    """Return the method, which reports what it does to the store."""
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def timed(self: Any, *args: Any, **kwargs: Any) -> Any:
            step = _begin(operation, self, args, kwargs)
            if step is None:
                return await method(self, *args, **kwargs)
            try:
                result = await method(self, *args, **kwargs)
            except BaseException as error:
                step.failed(error)
                raise
            step.ended(result)
            return result

    else:

        @functools.wraps(method)
        def timed(self: Any, *args: Any, **kwargs: Any) -> Any:
            step = _begin(operation, self, args, kwargs)
            if step is None:
                return method(self, *args, **kwargs)
            try:
                result = method(self, *args, **kwargs)
            except BaseException as error:
                step.failed(error)
                raise
            step.ended(result)
            return result

    return timed


@harmless
def _begin(operation: str, session: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Step | None:
    record = current.get()
    if record is None or record.is_done:
        return None
    own = record.owns(session)
    key = session.session_key
    if operation == "delete":
        given = args[0] if args else kwargs.get("session_key")
        if given is not None and given != key:
            own, key = False, given
    return _Step(record, operation, session, key, own)


class _Step:
    """One call of a method that uses the store."""

    def __init__(self, record: Record, operation: str, session: Any, key: str | None, own: bool) -> None:
        self.record = record
        self.operation = operation
        self.session = session
        self.key = key
        self.own = own
        self.outer = _at_work.get()
        # a load is told wherever it is, but once: Django's own aload may call load
        self.token = _at_work.set(operation if operation == "load" else self.outer or operation)
        self.began = time.monotonic()
        if own and operation == "create" and self.outer == "load":
            record.is_refused = True

    @harmless
    def failed(self, error: BaseException) -> None:
        """Report that the method raised an error."""
        _at_work.reset(self.token)
        if self.outer is not None:
            return
        reason = _explain(error)
        name = self.operation if self.operation in ("load", "delete", "flush") else "not-saved"
        self.record.operation(name, self._seconds(), reason, None if self.own else self.key)

    @harmless
    def ended(self, result: Any) -> None:
        """Report that the method did its work."""
        _at_work.reset(self.token)
        record, operation = self.record, self.operation
        if not self.own:
            if self.outer is None and (self.key or self.session.session_key):
                record.operation(operation, self._seconds(), key=self.key or self.session.session_key)
            return
        if operation == "load":
            if self.outer != "load":
                self._report_load(result)
            return
        if operation == "save":
            record.saved(self.session)
        elif operation in ("flush", "delete"):
            record.removed()
        if self.outer is None:
            is_new = operation == "save" and self.key is None
            record.operation("create" if is_new else operation, self._seconds())

    def _report_load(self, data: Any) -> None:
        record, key = self.record, self.session.session_key
        is_there = key is not None and key == self.key and not record.is_refused
        record.loaded(key if is_there else None, data, self.began)
        record.operation("load", self._seconds(), None if is_there else "no such session, or it has expired")
        if record.is_refused and key == self.key:
            record.operation("reject", 0, "the cookie cannot be opened")
        elif record.is_unreadable:
            record.operation("reject", 0, "the stored session cannot be read")
        record.is_refused = record.is_unreadable = False

    def _seconds(self) -> float:
        return time.monotonic() - self.began


def _explain(error: BaseException) -> str:
    """Return why a method of the store failed, without what the error says: it may quote the session."""
    cause = error.__context__
    # Django's db engine turns every error of the database into UpdateError: "database is locked" as well
    if (
        isinstance(error, UpdateError)
        and isinstance(cause, DatabaseError)
        and type(cause) is not DatabaseError
    ):
        return "the store failed"
    if isinstance(error, UpdateError):
        return "the session was deleted meanwhile"
    if isinstance(error, (TypeError, ValueError, AttributeError, PicklingError)):
        return f"the data cannot be stored ({type(error).__name__})"
    return "the store failed"


def _wrote_one(record: Record, session: Any, args: tuple[Any, ...], _: Any) -> None:
    record.wrote(args[0])


def _wrote_many(record: Record, session: Any, args: tuple[Any, ...], _: Any) -> None:
    if isinstance(args[0], dict):  # anything else may be read only once
        record.wrote(*args[0])


def _wrote_all(record: Record, session: Any, args: tuple[Any, ...], _: Any) -> None:
    record.wrote(*session.__dict__.get("_session_cache", ()))


def _wrote_test_cookie(record: Record, session: Any, args: tuple[Any, ...], _: Any) -> None:
    record.wrote(session.TEST_COOKIE_NAME)


def _read_one(record: Record, session: Any, args: tuple[Any, ...], value: Any) -> None:
    record.read(args[0], value)


def _read_or_set(record: Record, session: Any, args: tuple[Any, ...], value: Any) -> None:
    if len(args) > 1 and value is args[1]:
        record.wrote(args[0])  # Django 3.2 sets it without __setitem__
    record.read(args[0], value)


def _told_age(record: Record, session: Any, args: tuple[Any, ...], seconds: Any) -> None:
    if not args:  # otherwise it was asked about something else
        record.expires_at = round((time.time() + seconds) * 1000)


def _told_date(record: Record, session: Any, args: tuple[Any, ...], date: Any) -> None:
    if not args and isinstance(date, datetime):
        record.expires_at = round(date.timestamp() * 1000)


def _told_row(record: Record, session: Any, args: tuple[Any, ...], row: Any) -> None:
    if row is not None:
        record.expires_at = round(row.expire_date.timestamp() * 1000)


def _told_decoded(record: Record, session: Any, args: tuple[Any, ...], data: Any) -> None:
    is_json = isinstance(session.serializer, type) and issubclass(session.serializer, JSONSerializer)
    if data == {} and is_json and not args[0].startswith(_SIGNED_EMPTY):
        record.is_unreadable = True


#: What the methods call their first argument. By name, it may come after a value: that is no key to show.
_FIRST = ("key", "dict_", "session_data")

#: How ``signing.dumps({})`` begins: a session that is stored empty.
_SIGNED_EMPTY = "e30:"

#: Methods that change the data, reported before they do. What calls one of them needs no wrapping.
_WRITES: dict[str, Told] = {
    **dict.fromkeys(("__setitem__", "__delitem__", "pop", "aset", "apop"), _wrote_one),
    **dict.fromkeys(("update", "aupdate"), _wrote_many),
    "clear": _wrote_all,
    "adelete_test_cookie": _wrote_test_cookie,
}

#: Methods that return something, reported afterwards.
_READS: dict[str, Told] = {
    **dict.fromkeys(("__getitem__", "get", "aget"), _read_one),
    **dict.fromkeys(("setdefault", "asetdefault"), _read_or_set),
    **dict.fromkeys(("get_expiry_age", "aget_expiry_age"), _told_age),
    **dict.fromkeys(("get_expiry_date", "aget_expiry_date"), _told_date),
    **dict.fromkeys(("_get_session_from_db", "_aget_session_from_db"), _told_row),
    "decode": _told_decoded,
}

#: Methods that use the store, with the name of the operation. The twins with an ``a`` came with Django 5.1.
_OPERATIONS: dict[str, str] = {
    **{prefix + name: name for prefix in ("", "a") for name in ("load", "save", "create", "delete", "flush")},
    **{prefix + "cycle_key": "cycle" for prefix in ("", "a")},
}


def _logged_in(**_: Any) -> None:
    record = current.get()
    if record is not None:
        record.logged_in()


def _logging_out(**_: Any) -> None:
    record = current.get()
    if record is not None:
        record.logging_out()
