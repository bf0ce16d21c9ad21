"""``manage.py session_bridge``: shows this site's sessions in the Sessions tab, until Ctrl-C."""

from __future__ import annotations

import base64
import hmac
import signal
import sys
from argparse import REMAINDER, ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.encoding import force_bytes
from session_bridge import node, place
from session_bridge.edits import Edits
from session_bridge.server import find_origins
from session_bridge.stores import Store, open_store

MIDDLEWARE = "session_bridge.middleware.SessionBridgeMiddleware"
ORIGINS = ["http://localhost:8000", "http://127.0.0.1:8000"]

_DJANGO_ENGINES = "django.contrib.sessions.backends."
_PORTS = {"http": 80, "https": 443}


class Command(BaseCommand):
    """Starts session-bridge next to the site, and answers for the site's stored sessions."""

    help = (
        "Shows this site's sessions in the Sessions tab of the browser's DevTools, until Ctrl-C. "
        "For development only."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--for",
            action="append",
            dest="origins",
            metavar="ORIGIN",
            help="where the browser opens the site; may be given several times. "
            f"Default: {' and '.join(ORIGINS)}",
        )
        parser.add_argument(
            "--session-bridge",
            dest="program",
            metavar="PATH",
            help="the program session-bridge: a .js or .ts file, or an executable. Default: the one that npm "
            "installed in this project, or npx session-bridge",
        )
        parser.add_argument(
            "server",
            nargs=REMAINDER,
            metavar="runserver ...",
            help="starts the site as well: all that you would write after manage.py",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until one of both processes ends, or Ctrl-C."""
        if not settings.DEBUG:
            raise CommandError(
                "session_bridge is for development only. Set DEBUG = True, or do not run it here."
            )
        origins = [
            to_origin(text) for text in options["origins"] or find_origins(options["server"]) or ORIGINS
        ]
        program = node.find_program(options["program"], Path.cwd())
        store = open_store()
        for sentence in (find_middleware_fault(settings.MIDDLEWARE), store.find_trouble()):
            if sentence is not None and options["verbosity"] > 0:
                self.stderr.write(sentence)
        if options["server"]:
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the site, too
        node.run(program, describe_site(store, origins), Edits(store), options["server"])


def describe_site(store: Store, origins: list[str]) -> dict[str, Any]:
    """Return what session-bridge has to know about this site."""
    module = settings.SESSION_ENGINE
    folder = place.folder()
    try:
        place.create(folder)
    except OSError as error:
        # without a number it is this package's own sentence
        why = str(error) if error.errno is None else f"{folder} cannot be made ({type(error).__name__})."
        raise CommandError(why) from None
    return {
        "version": django.get_version(),
        "engine": module[len(_DJANGO_ENGINES) :] if module.startswith(_DJANGO_ENGINES) else module,
        "module": module,
        "cookieName": settings.SESSION_COOKIE_NAME,
        "serves": origins,
        "secret": derive_secret(settings.SECRET_KEY),
        "capabilities": [*store.capabilities, *(["traces"] if MIDDLEWARE in settings.MIDDLEWARE else [])],
        "carried": store.is_carried,
        "note": store.note,
        "channel": {"folder": str(folder), "name": place.name(_settings_file())},
    }


def derive_secret(key: Any) -> str:
    """Return a secret that is the same at every start, and from which the site's own cannot be computed."""
    return base64.b64encode(hmac.digest(force_bytes(key), b"session-bridge secret 1", "sha256")).decode()


def find_middleware_fault(middleware: Any) -> str | None:
    """Return what is wrong with the site's ``MIDDLEWARE``, as a sentence; None if nothing is."""
    if MIDDLEWARE not in middleware:
        line = f'MIDDLEWARE.insert(0, "{MIDDLEWARE}")'
        return f"No request will be traced. Add this to the end of settings.py: {line}"
    if list(middleware)[0] != MIDDLEWARE:
        first = list(middleware)[0]
        return f"What {first} does to the session is not traced. Make {MIDDLEWARE} the first in MIDDLEWARE."
    return None


def to_origin(text: str) -> str:
    """
    Return ``scheme://host[:port]`` as browsers write it.

    :raises CommandError: if it is something else
    """
    refusal = CommandError("--for takes an origin, such as http://localhost:8000, without a path.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refusal from None
    is_origin = parts.scheme in _PORTS and parts.hostname and "@" not in parts.netloc
    if not is_origin or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise refusal
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def _settings_file() -> str:
    file = getattr(sys.modules.get(settings.SETTINGS_MODULE or ""), "__file__", None)
    if file is None:
        raise CommandError("The settings come from no module. Set DJANGO_SETTINGS_MODULE, as manage.py does.")
    return file
