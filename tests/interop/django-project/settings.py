"""Settings of the Django project that exchanges sessions with the library.

`SESSIONS_DATABASE` is the `default` entry of DATABASES and `SESSIONS_SETTINGS` contains the settings that a test changes, both as JSON.
"""

import json
import os

SECRET_KEY = "the secret that Django and Node share in these tests"
DATABASES = {"default": json.loads(os.environ["SESSIONS_DATABASE"])}
INSTALLED_APPS = ["django.contrib.sessions"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
ROOT_URLCONF = "views"
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

globals().update(json.loads(os.environ.get("SESSIONS_SETTINGS", "{}")))
