"""The settings of `startproject`, without those that this example does not need, plus the four lines from the guide."""

from importlib.util import find_spec
from os import environ
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = environ.get("DJANGO_SECRET_KEY", "django-insecure-for-this-example-only-0123456789abcdef")
DEBUG = True
ALLOWED_HOSTS = []
ROOT_URLCONF = "mysite.urls"
INSTALLED_APPS = ["django.contrib.sessions"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environ.get("EXAMPLE_DATABASE", BASE_DIR / "db.sqlite3"),
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 3600
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Your site needs only `if DEBUG:`. This one can also be tried without the package.
if DEBUG and find_spec("session_bridge"):
    INSTALLED_APPS += ["session_bridge"]
    MIDDLEWARE.insert(0, "session_bridge.middleware.SessionBridgeMiddleware")
