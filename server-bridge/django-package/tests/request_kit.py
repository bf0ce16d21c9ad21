"""Sends requests through Django's own session middleware, with a record in hand, and returns what the record says."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any, Callable

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory, override_settings
from session_bridge.record import Record, current
from session_bridge.watch import wrap

View = Callable[[HttpRequest], HttpResponseBase]

ENGINES = ("db", "cached_db", "cache", "file", "signed_cookies")


def module_of(engine: str) -> str:
    """Return the module of one of Django's engines."""
    return f"django.contrib.sessions.backends.{engine}"


def store_class(engine: str) -> Any:
    """Return the engine's class, wrapped."""
    store = import_module(module_of(engine)).SessionStore
    wrap(store)
    return store


class Visitor:
    """A browser with one cookie. Each request returns its trace."""

    def __init__(self, engine: str, **settings: Any) -> None:
        store_class(engine)
        self.settings = override_settings(SESSION_ENGINE=module_of(engine), **settings)
        self.cookie: str | None = None
        self.response: HttpResponseBase = HttpResponse()
        self.record: Any = None

    def request(self, view: View, path: str = "/page") -> dict[str, Any]:
        """Send one request, and keep its cookie."""
        with self.settings:
            request = RequestFactory().get(path)
            if self.cookie is not None:
                request.COOKIES["sessionid"] = self.cookie
            record = self.record = Record(request)
            token = current.set(record)
            try:
                self.response = SessionMiddleware(view)(request)
                return record.finish(self.response)
            finally:
                current.reset(token)
                self._keep_cookie()

    def _keep_cookie(self) -> None:
        morsel = self.response.cookies.get("sessionid")
        if morsel is not None:
            self.cookie = morsel.value or None


def ok(act: Callable[[HttpRequest], Any]) -> View:
    """Return a view that does this and answers 200."""

    def view(request: HttpRequest) -> HttpResponse:
        act(request)
        return HttpResponse("ok")

    return view


def run(coroutine: Any) -> Any:
    """Wait for a coroutine in a separate loop."""
    return asyncio.run(coroutine)
