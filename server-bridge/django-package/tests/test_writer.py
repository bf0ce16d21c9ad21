"""Which line is named: the site's own, never Django's, never a middleware's that only called the next one."""

from __future__ import annotations

import unittest
from typing import Any

from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from django.utils.functional import SimpleLazyObject
from session_bridge.writer import line_of_site

_seen: list[Any] = []


def page(request: HttpRequest) -> HttpResponse:
    """Look from a view."""
    _seen.append(line_of_site())
    return HttpResponse()


def through_django(request: HttpRequest) -> HttpResponse:
    """Look from within Django's code, called by a view."""
    _seen.append(str(SimpleLazyObject(line_of_site)))  # here
    return HttpResponse()


def through_package(request: HttpRequest) -> HttpResponse:
    """Look from within an installed package, called by a view."""
    package.look()  # from here
    return HttpResponse()


class Package:
    """An installed package."""

    def __init__(self) -> None:
        code = "def look(*_):\n    seen.append(line_of_site())\n    return HttpResponse()\n"
        names: Any = {"seen": _seen, "line_of_site": line_of_site, "HttpResponse": HttpResponse}
        names["__name__"] = "cart.views"
        exec(compile(code, "/opt/lib/site-packages/cart/views.py", "exec"), names)
        self.look = names["look"]


package = Package()

urlpatterns = [
    path("page", page),
    path("django", through_django),
    path("package", through_package),
    path("packages", package.look),
]


def site_middleware(get_response: Any) -> Any:
    """Call the next one, and write nothing."""

    def call(request: HttpRequest) -> HttpResponse:
        if request.path == "/middleware":
            _seen.append(line_of_site())
            return HttpResponse()
        return get_response(request)

    return call


class Lines(unittest.TestCase):
    """``line_of_site``."""

    def send(self, address: str) -> Any:
        """Send a request through Django's handler, and return what was seen."""
        _seen.clear()
        with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[f"{__name__}.site_middleware"]):
            handler = BaseHandler()
            handler.load_middleware()
            handler.get_response(RequestFactory().get(address))
        return _seen[0] if _seen else None

    def test_a_view_is_named_relative_to_the_working_directory(self) -> None:
        self.assertRegex(str(self.send("/page")), r"tests/test_writer\.py:\d+$")

    def test_a_view_that_goes_through_django_is_named(self) -> None:
        line = str(self.send("/django"))
        with open(__file__, encoding="utf-8") as file:
            number = next(at for at, text in enumerate(file, 1) if text.endswith("# here\n"))
        self.assertRegex(line, rf"tests/test_writer\.py:{number}$")

    def test_the_sites_line_is_named_before_that_of_a_package_it_called(self) -> None:
        with open(__file__, encoding="utf-8") as file:
            number = next(at for at, text in enumerate(file, 1) if text.endswith("# from here\n"))
        self.assertRegex(str(self.send("/package")), rf"tests/test_writer\.py:{number}$")

    def test_a_package_is_named_where_no_line_of_the_sites_is_at_work(self) -> None:
        self.assertEqual(self.send("/packages"), "site-packages/cart/views.py:2")

    def test_a_middleware_is_named_for_what_it_does_itself(self) -> None:
        self.assertRegex(str(self.send("/middleware")), r"tests/test_writer\.py:\d+$")

    def test_a_middleware_is_not_named_for_what_the_rest_does(self) -> None:
        # a view in a file of Django's
        code = "def look(request):\n    seen.append(line_of_site())\n    return HttpResponse()\n"
        import django.views.defaults as django_file

        names: Any = {
            "__name__": django_file.__name__,
            "seen": _seen,
            "line_of_site": line_of_site,
            "HttpResponse": HttpResponse,
        }
        exec(compile(code, django_file.__file__, "exec"), names)
        global urlpatterns
        kept = urlpatterns
        urlpatterns = [path("own", names["look"])]
        try:
            from django.urls import clear_url_caches

            clear_url_caches()
            self.send("/own")
        finally:
            urlpatterns = kept
            clear_url_caches()
        self.assertEqual(_seen, [None])
