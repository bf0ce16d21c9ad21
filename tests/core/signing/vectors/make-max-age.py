"""
Writes max-age.json: which signed strings real Django accepts at which time, by signing.loads with max_age, and as a session of the
engine signed_cookies, whose max_age is SESSION_COOKIE_AGE.

Run it as `python3 tests/core/signing/vectors/make-max-age.py` with Django 5.2. Time is set by replacing time.time, which is where
Django reads it.
"""

import json
import pathlib
import time

import django
from django.conf import settings

SECRET = "vectors of max_age, a secret key of fifty characters"
settings.configure(SECRET_KEY=SECRET, SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies")
django.setup()

from django.contrib.sessions.backends.signed_cookies import SessionStore  # noqa: E402 (needs the settings)
from django.core import signing  # noqa: E402

SIGNED_AT = 1795392000
VALUE = {"user_id": 7}


def at(moment, act):
    real, time.time = time.time, lambda: moment
    try:
        return act()
    finally:
        time.time = real


def is_accepted(text, max_age):
    try:
        return signing.loads(text, max_age=max_age) == VALUE
    except signing.SignatureExpired:
        return False


def make_cookie():
    session = SessionStore()
    session.update(VALUE)
    session.save()
    return session.session_key


cases = []
for max_age in [0, 1, 1.5, 60, 1209600, -1]:
    for signed_after in [0, 0.75]:
        text = at(SIGNED_AT + signed_after, lambda: signing.dumps(VALUE))
        cookie = at(SIGNED_AT + signed_after, make_cookie)
        for late in [-2, -1, -0.25, 0, 0.001, 0.25, 0.75, 1]:
            read_at = SIGNED_AT + max_age + late
            case = {"max_age": max_age, "read_at": read_at, "text": text, "cookie": cookie}
            case["loads"] = at(read_at, lambda: is_accepted(text, max_age))  # noqa: B023 (called at once)
            if isinstance(max_age, int) and max_age > 0:
                settings.SESSION_COOKIE_AGE = max_age
                case["session"] = at(read_at, lambda: dict(SessionStore(cookie).items()) == VALUE)  # noqa: B023
            cases.append(case)

path = pathlib.Path(__file__).with_name("max-age.json")
lines = ",\n".join("  " + json.dumps(case) for case in cases)
head = json.dumps({"django": django.get_version(), "secret_key": SECRET})[:-1]
path.write_text(f'{head}, "cases": [\n{lines}\n]}}\n')
