"""Which line of the site's own code is at work: the nearest frame outside Django and the standard library."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import FrameType

import asgiref
import django

MAX_FRAMES = 200

#: A frame of Django's request handler. What is above it did not write, but called the next middleware.
_HANDLER = "handler"
#: A frame of Django's templates.
_TEMPLATE = "template"
_NOT_SHOWN = ""

_known: dict[str, str] = {}


def line_of_site(through_templates: bool = True) -> str | None:
    """
    Return ``mysite/views.py:41``, relative to the working directory; None if no such frame is at work.

    If only installed packages are at work, it is the nearest line of one of them.

    :param through_templates: False: None for what a template does, which only shows values
    """
    frame: FrameType | None = sys._getframe(1)
    of_package: str | None = None
    for _ in range(MAX_FRAMES):
        if frame is None:
            break
        file = frame.f_code.co_filename
        shown = _known.get(file)
        if shown is None:
            shown = _known[file] = _to_shown(file)
        if shown is _HANDLER or (shown is _TEMPLATE and not through_templates):
            break
        if shown not in (_NOT_SHOWN, _TEMPLATE):
            line = f"{shown}:{frame.f_lineno}"
            if not _is_installed(file):
                return line
            of_package = of_package or line
        frame = frame.f_back
    return of_package


def _to_shown(file: str) -> str:
    """Return the path to show, or one of the two constants."""
    if file.startswith("<"):
        return _NOT_SHOWN  # no file: frozen, or made as it runs
    real = os.path.realpath(file)
    if _is_below(real, os.path.join(_DJANGO, "core", "handlers")):
        return _HANDLER
    if _is_below(real, os.path.join(_DJANGO, "template")):
        return _TEMPLATE
    if any(_is_below(real, place) for place in _OTHERS):
        return _NOT_SHOWN
    if not _is_installed(real) and any(_is_below(real, place) for place in _STANDARD):
        return _NOT_SHOWN
    relative = os.path.relpath(real).split(os.sep)
    # where a disk is mounted helps no one
    return "/".join(real.split(os.sep)[-3:] if relative[0] == os.pardir else relative)


def _is_installed(file: str) -> bool:
    return f"{os.sep}site-packages{os.sep}" in file or f"{os.sep}dist-packages{os.sep}" in file


def _is_below(file: str, place: str) -> bool:
    return os.path.normcase(file).startswith(os.path.normcase(place) + os.sep)


def _home_of(module_file: str | None) -> str:
    return os.path.dirname(os.path.realpath(module_file or ""))


_DJANGO = _home_of(django.__file__)
_OTHERS = (_DJANGO, _home_of(asgiref.__file__), _home_of(__file__))
_STANDARD = tuple({os.path.realpath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})
