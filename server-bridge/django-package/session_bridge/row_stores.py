"""
Sessions in a table: the engines ``db`` and ``cached_db``, and a site's subclass of them with its own model.

A write names the data that were read, in the statement itself: if the site has saved meanwhile, it changes
nothing.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.core.cache.backends.locmem import LocMemCache
from django.db import Error, IntegrityError, connections, router, transaction
from django.utils import timezone

from . import expiry
from .merge import Unfit
from .stores import EDIT, READ, TAMPERED, UNKNOWN, Found, Lookup, Store, decode

_OWN_COLUMNS = ("session_key", "session_data", "expire_date")


class RowStore(Store):
    """One row a session, found and changed by its key."""

    capabilities = (*EDIT, "conflicts")

    def __init__(self, session_class: type[SessionBase]) -> None:
        super().__init__(session_class)
        self.model = session_class.get_model_class()

    @property
    def alias(self) -> str:
        """The database that Django saves sessions to. It is also read, because a replica may be behind."""
        return router.db_for_write(self.model)

    def find(self, key: str) -> Lookup:
        """See ``Store.find``."""
        row = self._row(key)
        if row is None or row.expire_date <= timezone.now():
            return UNKNOWN
        data = decode(self.session(key), row.session_data)
        return TAMPERED if data is None else Found(key, data, expiry.to_ms(row.expire_date), row)

    def write(self, found: Found, data: dict[str, Any], expires_at: float | None = None) -> bool:
        """See ``Store.write``. Compares and writes in one statement."""
        columns = {"session_data": self.session(found.key).encode(data), **self._other_columns(found, data)}
        if expires_at is not None:
            columns["expire_date"] = expiry.to_date(expires_at)
        return self._seen_rows(found).update(**columns) == 1

    def put(self, key: str, data: dict[str, Any], expires_at: float | None) -> bool:
        """See ``Store.put``. Over an expired row, if the table still has one."""
        session = self._expiring(self.session(key, data), expires_at)
        row = session.create_model_instance(data)
        try:
            with transaction.atomic(using=self.alias):
                row.save(force_insert=True, using=self.alias)
            return True
        except IntegrityError:
            expired = self._rows(key).filter(expire_date__lte=timezone.now())
            values = {field: getattr(row, field) for field in self._columns() if field != "session_key"}
            return self._row(key) is not None and expired.update(**values) == 1

    def move(self, found: Found, key: str) -> bool:
        """See ``Store.move``. Renames the row in one statement."""
        return self._seen_rows(found).update(session_key=key) == 1

    def find_trouble(self) -> str | None:
        """Return why the table cannot be read, as a sentence with the next step; None if it can."""
        connection = connections[self.alias]
        table = self.model._meta.db_table
        try:
            connection.ensure_connection()
        except Error as error:
            why = type(error).__name__
            return f"The database {self.alias} cannot be reached ({why}). Start it, as for runserver."
        is_there = table in connection.introspection.table_names()
        return None if is_there else f"There is no table {table}. Run manage.py migrate."

    def _rows(self, key: str) -> Any:
        return self.model.objects.using(self.alias).filter(session_key=key)

    def _row(self, key: str) -> Any:
        # MySQL's usual collation finds a key in capitals, too
        return next((row for row in self._rows(key) if row.session_key == key), None)

    def _seen_rows(self, found: Found) -> Any:
        return self._rows(found.key).filter(session_data=found.seen.session_data)

    def _columns(self) -> list[str]:
        return [field.attname for field in self.model._meta.concrete_fields]

    def _other_columns(self, found: Found, data: dict[str, Any]) -> dict[str, Any]:
        """Return what an edit changes in the columns that a site's own model has in addition."""
        names = [name for name in self._columns() if name not in _OWN_COLUMNS]
        if not names:
            return {}
        # with the row's expiry, because Django cannot compute that of data which are just being repaired
        before, after = (
            self._expiring(self.session(found.key, one), found.expires_at).create_model_instance(one)
            for one in (found.data, data)
        )
        values = {name: getattr(after, name) for name in names}
        return {name: value for name, value in values.items() if getattr(before, name) != value}


class CachedRowStore(RowStore):
    """A row, and a copy of its data in a cache, which the site reads first."""

    def __init__(self, session_class: type[SessionBase]) -> None:
        super().__init__(session_class)
        self.is_copy_in_site = isinstance(self.session(None)._cache, LocMemCache)
        if self.is_copy_in_site:
            self.capabilities = READ
            self.note = (
                "Sessions are read from the table, not edited: LocMemCache keeps a copy of them inside the "
                "site's process, which would go on using it. To edit them, use a cache that processes share."
            )

    def find(self, key: str) -> Lookup:
        """See ``Store.find``: what the site would load. Django's own ``load`` fills the cache."""
        copy = None if self.is_copy_in_site else self._copy(key)
        row = self._row(key)
        if row is None:
            return UNKNOWN if copy is None else Found(key, copy, None)
        if copy is None or row.expire_date <= timezone.now():
            return super().find(key)
        return Found(key, copy, expiry.to_ms(row.expire_date), row)

    def write(self, found: Found, data: dict[str, Any], expires_at: float | None = None) -> bool:
        """See ``Store.write``. The row first, then the copy."""
        self._require_row(found)
        if not super().write(found, data, expires_at):
            return False
        self._renew_copy(found.key, data)
        return True

    def put(self, key: str, data: dict[str, Any], expires_at: float | None) -> bool:
        """See ``Store.put``."""
        if not super().put(key, data, expires_at):
            return False
        self._renew_copy(key, data)
        return True

    def move(self, found: Found, key: str) -> bool:
        """See ``Store.move``."""
        self._require_row(found)
        if not super().move(found, key):
            return False
        self._renew_copy(key, found.data)
        self._delete_copy(found.key)
        return True

    def _require_row(self, found: Found) -> None:
        if found.seen is None:
            raise Unfit(
                "Only the cache still has this session, the table does not, and Django does not save it "
                "again. Flush it."
            )

    def _copy(self, key: str) -> dict[str, Any] | None:
        session = self.session(key)
        try:
            copy = session._cache.get(session.cache_key)
        except Exception:  # as Django's load: without the cache, the row counts
            return None
        return copy if isinstance(copy, dict) else None

    def _renew_copy(self, key: str, data: dict[str, Any]) -> None:
        """Put the data into the cache; if the site has saved meanwhile, remove them: the row counts."""
        session = self.session(key, data)
        row = self._row(key)
        if row is not None:
            try:
                session._cache.set(session.cache_key, data, session.get_expiry_age(expiry=row.expire_date))
            except Exception:  # as Django's save since 5.1: the row is written, and counts without the cache
                return
            row = self._row(key)
        if row is None or decode(session, row.session_data) != data:
            self._delete_copy(key)

    def _delete_copy(self, key: str) -> None:
        session = self.session(key)
        session._cache.delete(session.cache_key)
