"""
Settings of the tests' site.

``SITE_FOLDER`` is where its files are, by default a folder that is deleted at the end. ``SITE_SETTINGS`` holds settings
that a test changes, as JSON.
"""

import atexit
import json
import os
import shutil
import tempfile
from secrets import token_hex
from urllib.parse import urlsplit

FOLDER = os.environ.get("SITE_FOLDER", "")
if not FOLDER:
    FOLDER = tempfile.mkdtemp(prefix="session-bridge-tests-")
    atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def _server(engine: str, variable: str, usual: str) -> dict:
    """A server's database that only this run uses."""
    url = urlsplit(os.environ.get(variable, usual))
    login = {"USER": url.username or "", "PASSWORD": url.password or ""}
    name = f"sessions_test_{token_hex(6)}"
    return {"ENGINE": engine, "NAME": name, "HOST": url.hostname, "PORT": str(url.port), **login}


DEBUG = True
SECRET_KEY = "the secret of the tests' site, which signs nothing else"
ALLOWED_HOSTS = ["*"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.path.join(FOLDER, "db.sqlite3"),
        "TEST": {"NAME": os.path.join(FOLDER, "db.sqlite3")},
    },
    "postgres": _server(
        "django.db.backends.postgresql",
        "SESSIONS_TEST_POSTGRES",
        "postgres://postgres@127.0.0.1:5432/postgres",
    ),
    "mariadb": _server(
        "django.db.backends.mysql", "SESSIONS_TEST_MARIADB", "mysql://root@127.0.0.1:3306/mysql"
    ),
}
DATABASE_ROUTERS = ["tests.site.router.Router"]
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": os.path.join(FOLDER, "cache"),
    }
}
SESSION_FILE_PATH = FOLDER
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "session_bridge",
    "tests.site",
]
MIDDLEWARE = [
    "session_bridge.middleware.SessionBridgeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "tests.site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

globals().update(json.loads(os.environ.get("SITE_SETTINGS", "{}")))
