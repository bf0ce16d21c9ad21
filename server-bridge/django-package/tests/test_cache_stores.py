"""Reading and editing the sessions of a site whose engine is ``cache``, in every cache that is there."""

from __future__ import annotations

import os
import pickle
import time
import zlib

import django
from django.core.cache import caches
from django.core.management import call_command
from django.test import override_settings

from .databases import has_module, listens, require
from .store_kit import BACKENDS, StoreTest
from .store_law import TAMPERED, UNKNOWN, CacheLaw


class FileCacheTest(CacheLaw, StoreTest):
    """``cache`` in files."""

    def test_what_cannot_be_unpickled_is_tampered(self) -> None:
        cache = caches["default"]
        with open(cache._key_to_file(self.session(self.key).cache_key), "wb") as file:
            file.write(pickle.dumps(time.time() + 1000) + zlib.compress(b"c__main__\nNoSuchClass\n."))
        self.assertEqual(self.edits.read(self.key), TAMPERED)


class TableCacheTest(CacheLaw, StoreTest):
    """``cache`` in a table."""

    settings = {
        "CACHES": {
            "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cached"}
        }
    }

    def setUp(self) -> None:
        """Make the table."""
        with override_settings(**self.settings):
            call_command("createcachetable", verbosity=0)
        super().setUp()


class RedisTest(CacheLaw, StoreTest):
    """``cache`` in Redis: Django's own backend, or before 4.0 the package django-redis."""

    server = ("127.0.0.1", 6379)
    settings = {
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache"
                if django.VERSION >= (4, 0)
                else "django_redis.cache.RedisCache",
                "LOCATION": "redis://{}:{}/9".format(*server),
                "KEY_PREFIX": f"session-bridge-{os.getpid()}",
            }
        }
    }

    @classmethod
    def setUpClass(cls) -> None:
        """Skip without the client or the server."""
        require(has_module("redis"), "the Python package redis")
        if django.VERSION < (4, 0):
            require(has_module("django_redis"), "the Python package django-redis")
        require(listens(*cls.server), "Redis")
        super().setUpClass()
        # leaves nothing in a server that others use, too
        import redis

        client, prefix = redis.Redis(*cls.server, db=9), f"session-bridge-{os.getpid()}:*"
        cls.addClassCleanup(lambda: [client.delete(key) for key in client.scan_iter(prefix)])


class MemcachedTest(CacheLaw, StoreTest):
    """``cache`` in Memcached."""

    server = ("127.0.0.1", 11211)
    settings = {
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
                "LOCATION": "{}:{}".format(*server),
            }
        }
    }

    @classmethod
    def setUpClass(cls) -> None:
        """Skip without the client or the server."""
        require(has_module("pymemcache"), "the Python package pymemcache")
        require(listens(*cls.server), "Memcached")
        super().setUpClass()


class LocMemTest(StoreTest):
    """``cache`` in LocMemCache: it is in the site's process."""

    engine = BACKENDS + "cache"
    settings = {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}

    def test_is_neither_read_nor_edited(self) -> None:
        self.assertEqual(list(self.store.capabilities), [])
        self.assertIn("LocMemCache lives in the site's process", self.store.note)
        self.assertEqual(self.edits.read(self.key), UNKNOWN)
        self.assertEqual(self.edits.stored(self.key), {"stored": False})
