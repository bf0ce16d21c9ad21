"""A stock site with `django.contrib.auth`, and a middleware around it that records what each request did to the session."""

from os import environ

SECRET_KEY = "django-insecure-for-this-test-only-0123456789abcdef"
DEBUG = True
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "loginsite.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = [
    "loginsite.truth.write_truth",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environ["SITE_DATABASE"],
        "OPTIONS": {"timeout": 20},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
TRUTH_FILE = environ["SITE_TRUTH"]
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
