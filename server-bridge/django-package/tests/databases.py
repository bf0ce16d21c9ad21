"""The real servers that these tests use. Without one, its tests are skipped with a loud line, or fail with ``CI=true``."""

from __future__ import annotations

import os
import socket
import sys
import unittest
from importlib.util import find_spec
from typing import Callable

from django.core.management import call_command
from django.db import connections

from .site.router import Router


def require(is_there: bool, what: str) -> None:
    """
    Skip the tests at work unless the thing is there.

    :raises unittest.SkipTest: if it is not there
    """
    if is_there:
        return
    line = f"{what} cannot be had"
    if os.environ.get("CI") == "true":
        raise AssertionError(f"[tests] {line}. With CI=true nothing is skipped.")
    print(f"\n!!! SKIPPED: {line}. Its tests do not run. !!!\n", file=sys.stderr)
    raise unittest.SkipTest(line)


def listens(host: str, port: int) -> bool:
    """Return whether a server listens there."""
    try:
        socket.create_connection((host, port), 2).close()
        return True
    except OSError:
        return False


def has_module(name: str) -> bool:
    """Return whether a Python package can be imported."""
    return find_spec(name) is not None


def use_database(alias: str) -> Callable[[], None]:
    """Make an empty database with Django's tables, and send all queries to it. Returns what removes it again."""
    connection = connections[alias]
    name = connection.settings_dict["NAME"]
    if alias != "default":
        place = connection.settings_dict
        require(listens(place["HOST"], int(place["PORT"])), f"{alias} at {place['HOST']}:{place['PORT']}")
        _outside(alias, f"CREATE DATABASE {name}")
        Router.alias = alias
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)

    def remove() -> None:
        Router.alias = "default"
        if alias != "default":
            connection.close()
            _outside(alias, f"DROP DATABASE {name}")

    return remove


def _outside(alias: str, statement: str) -> None:
    """Run a statement that concerns the database itself."""
    with connections[alias]._nodb_cursor() as cursor:
        cursor.execute(statement)
