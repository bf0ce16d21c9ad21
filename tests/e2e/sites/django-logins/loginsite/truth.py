"""
What each request really did, observed outside Django's session code: whether its thread wrote to the session table, and what the rows
contained just before its first write and after its last.
"""

import json
import threading

from django.conf import settings
from django.db.models.signals import pre_delete, pre_save

lock = threading.Lock()
this_thread = threading.local()


def stored(key):
    """The session as stored in its row, or None."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    row = Session.objects.filter(session_key=key).first() if key else None
    return None if row is None else SessionStore().decode(row.session_data)


def note_write(sender, **_):
    if sender.__name__ == "Session" and not this_thread.wrote:
        this_thread.wrote = True
        this_thread.before = stored(this_thread.key)


pre_save.connect(note_write)
pre_delete.connect(note_write)


def write_truth(get_response):
    def middleware(request):
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        this_thread.key, this_thread.wrote, this_thread.before = key, False, None
        response = get_response(request)
        before, after, new_key = this_thread.before, None, key
        if this_thread.wrote:
            new_key = request.session.session_key
            after = stored(new_key)
        keys = set(before or {}) | set(after or {})
        line = {
            "method": request.method,
            "url": request.build_absolute_uri(),
            "changed": sorted(each for each in keys if (before or {}).get(each) != (after or {}).get(each)),
            "gone": before is not None and after is None,
            "newKey": before is not None and after is not None and key != new_key,
        }
        with lock, open(settings.TRUTH_FILE, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return response

    return middleware
