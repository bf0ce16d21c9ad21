"""What the tests of the stores share: an engine made ready, a site that uses it, and the calls of the bridge."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import tempfile
import unittest
from importlib import import_module
from typing import Any, Callable

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import caches
from django.test import override_settings
from session_bridge.edits import Edits
from session_bridge.stores import open_store

from .databases import use_database

Data = dict[str, Any]

BACKENDS = "django.contrib.sessions.backends."


class StoreTest(unittest.TestCase):
    """A test with one session engine. ``self.key`` is a session of the site's."""

    engine = BACKENDS + "db"
    database = "default"
    #: Settings in addition to the engine.
    settings: dict[str, Any] = {}
    data: Data = {"cart": ["boots"], "n": 1.0, "name": "Ådä"}

    @classmethod
    def setUpClass(cls) -> None:
        """Make the database ready."""
        super().setUpClass()
        cls.addClassCleanup(use_database(cls.database))

    def setUp(self) -> None:
        """Store a session as the site does."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        file_engine = import_module(BACKENDS + "file").SessionStore
        if hasattr(file_engine, "_storage_path"):
            del file_engine._storage_path
        overridden = override_settings(SESSION_ENGINE=self.engine, SESSION_FILE_PATH=folder, **self.settings)
        overridden.enable()
        self.addCleanup(overridden.disable)
        self.folder = folder
        self.store = open_store()
        self.edits = Edits(self.store)
        self.key = self.save(dict(self.data))

    def session(self, key: str | None = None) -> SessionBase:
        """Return a session as a request of the site opens it."""
        return import_module(self.engine).SessionStore(key)

    def save(self, data: Data, key: str | None = None) -> str:
        """Store data as the site does, and return the key."""
        session = self.session(key)
        session.update(data)
        session.save()
        return session.session_key

    def load(self, key: str | None = None) -> Data:
        """Return what the site finds."""
        return dict(self.session(key or self.key).items())

    def view(self, key: str | None = None) -> dict[str, Any]:
        """Return what the bridge reads."""
        return self.edits.read(key or self.key)["view"]

    def seen(self, key: str | None = None) -> str:
        """Return the string that a tab would name as what it saw."""
        return self.view(key)["stored"]

    def replace(self, data: Data, seen: str | None = None) -> dict[str, Any]:
        """Edit the session, as the tab does."""
        return self.edits.replace(self.key, json.dumps(data), self.seen() if seen is None else seen)

    def before_write(self, act: Callable[[], Any]) -> None:
        """Let the site do something between the command's comparing and its writing."""
        find = self.store.find
        calls = []

        def racing(key: str) -> Any:
            found = find(key)
            if not calls:
                calls.append(key)
                act()
            return found

        self.store.find = racing  # type: ignore[method-assign]

    def raw(self) -> Any:
        """Return everything that is stored, as bytes would be compared: to see that reading touches nothing."""
        base = self.engine.rsplit(".", 1)[-1]
        if base == "file":
            names = sorted(os.listdir(self.folder))
            return [(name, os.stat(os.path.join(self.folder, name)).st_mtime_ns) for name in names]
        rows = list(self.store.model.objects.order_by("pk").values()) if hasattr(self.store, "model") else []
        cached = None
        if hasattr(self.session(), "_cache"):
            session = self.session(self.key)
            cached = caches[settings.SESSION_CACHE_ALIAS].get(session.cache_key)
        return pickle.dumps((rows, cached))
