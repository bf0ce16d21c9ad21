"""The middleware that traces a site's sessions. Put it first: it has to see what all others do."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Awaitable
from typing import Any, Callable, Union

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from .channel import Channel
from .place import find_fault, folder, name_of_site
from .record import Record, current
from .watch import harmless

try:
    from asgiref.sync import iscoroutinefunction
except ImportError:  # before asgiref 3.6
    from asyncio import iscoroutinefunction

HEADER = "Session-Trace"

#: Headers by which proxies name their client, besides those that may name several.
_CLIENTS = tuple(
    f"HTTP_{name}_IP"
    for name in ("X_REAL", "X_CLIENT", "X_CLUSTER_CLIENT", "TRUE_CLIENT", "CF_CONNECTING", "FASTLY_CLIENT")
)

SyncResponse = Callable[[HttpRequest], HttpResponseBase]
AsyncResponse = Callable[[HttpRequest], Awaitable[HttpResponseBase]]
GetResponse = Union[SyncResponse, AsyncResponse]

_TRACES = "traces sessions for the Sessions tab in DevTools while python manage.py session_bridge runs."

_channel: Channel | None = None


@sync_and_async_middleware
def SessionBridgeMiddleware(get_response: Any) -> GetResponse:  # noqa: N802
    """
    Trace each request for the bridge next to the site, if there is one.

    Its response then has one header more, ``Session-Trace``.

    :raises ImproperlyConfigured: if ``session_bridge`` is not in ``INSTALLED_APPS``
    """
    if not apps.is_installed("session_bridge"):
        raise ImproperlyConfigured(
            "SessionBridgeMiddleware needs its app. In the settings, under if DEBUG:, add "
            'INSTALLED_APPS += ["session_bridge"].'
        )
    if not settings.DEBUG:
        raise MiddlewareNotUsed("DEBUG was switched off after the start, as the test runner does.")
    channel = _open_channel()
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            port = channel.port()
            if port is None:
                return await get_response(request)
            record = _begin(request, channel)
            response = await get_response(request)
            _finish(record, response, channel, port)
            return response

        answer_async.process_view = _begin_view_async
        return answer_async

    def answer(request: HttpRequest) -> HttpResponseBase:
        port = channel.port()
        if port is None:
            return get_response(request)
        record = _begin(request, channel)
        response = get_response(request)
        _finish(record, response, channel, port)
        return response

    answer.process_view = _begin_view
    return answer


def _open_channel() -> Channel:
    """Return the channel of this process, which says one line when it is opened."""
    global _channel
    if _channel is None:
        path = folder()
        _channel = Channel(path, name_of_site())
        fault = find_fault(path)
        line = _TRACES if fault is None else f"traces nothing: {fault}"
        print(f"[session-bridge] {line}", file=sys.stderr)
    return _channel


@harmless
def _begin(request: HttpRequest, channel: Channel) -> Record:
    record = Record(request)
    outer = current.get()
    if outer is not None and not outer.is_done:
        record.outer = outer
    record.on_late = lambda late: _send_late(late, channel)
    current.set(record)
    return record


@harmless
def _begin_view(request: HttpRequest, *_: Any) -> None:
    record = current.get()
    if record is not None and record.request is request:
        record.begin_view()


async def _begin_view_async(request: HttpRequest, *_: Any) -> None:
    _begin_view(request)


@harmless
def _finish(record: Record | None, response: HttpResponseBase, channel: Channel, port: int) -> None:
    if record is None:
        return
    is_from_here = _is_from_here(record.request.META)
    trace = record.finish(response)
    if record.outer is not None:
        current.set(record.outer)
    if channel.send({"trace": trace}, counts=not record.is_bare) and is_from_here:
        response[HEADER] = f"v=1;id={record.id};at={port}"


def _send_late(record: Record, channel: Channel) -> None:
    channel.send({"late": {"id": record.id, "keys": record.take_late()}})


def _is_from_here(meta: dict[str, Any]) -> bool:
    """
    Return whether the client is on this machine, as far as the request shows it.

    On any other, the port may lead to another program.
    """
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    named = [meta.get("REMOTE_ADDR", ""), *forwarded, *(meta.get(name, "") for name in _CLIENTS)]
    return "HTTP_FORWARDED" not in meta and all(_is_loopback(str(each).strip()) for each in named)


def _is_loopback(address: str) -> bool:
    if address == "":
        return True  # a Unix socket, or no such header
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
