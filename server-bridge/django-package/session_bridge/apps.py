"""The Django app: refuses to start in production, and wraps the site's session class once."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .watch import mark_logins, wrap


class SessionBridgeConfig(AppConfig):
    """Put ``session_bridge`` into ``INSTALLED_APPS`` in development only."""

    name = "session_bridge"
    verbose_name = "Session bridge"

    def ready(self) -> None:
        """
        Wrap the session class.

        :raises ImproperlyConfigured: unless ``DEBUG`` is true
        """
        if not settings.DEBUG:
            raise ImproperlyConfigured(
                "session_bridge shows and edits sessions, so it does not start without DEBUG. "
                "In the settings, put "
                'INSTALLED_APPS += ["session_bridge"] and the line of its middleware under if DEBUG:.'
            )
        wrap(import_module(settings.SESSION_ENGINE).SessionStore)
        mark_logins()
