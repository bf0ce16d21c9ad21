"""A whole site with the middleware and without it: the same responses and queries, and a trace for each request."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, AsyncRequestFactory, Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from session_bridge import middleware
from session_bridge.channel import Channel
from session_bridge.middleware import SessionBridgeMiddleware
from session_bridge.record import Record

from .bridge_kit import SITE, Bridge

OURS = "session_bridge.middleware.SessionBridgeMiddleware"
DJANGOS = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


def home(request: HttpRequest) -> HttpResponse:
    """Never look at the session."""
    return HttpResponse("home")


def read(request: HttpRequest) -> HttpResponse:
    """Read the session."""
    return HttpResponse(str(sorted(request.session.items())))


def write(request: HttpRequest) -> HttpResponse:
    """Write to the session."""
    request.session["count"] = request.session.get("count", 0) + 1
    return HttpResponse(str(request.session["count"]))


def enter(request: HttpRequest) -> HttpResponse:
    """Log in."""
    login(request, User.objects.get(username="ada"), "django.contrib.auth.backends.ModelBackend")
    return HttpResponse(str(request.user.is_authenticated))


def leave(request: HttpRequest) -> HttpResponse:
    """Log out."""
    logout(request)
    return HttpResponse("bye")


def fail(request: HttpRequest) -> HttpResponse:
    """Write, and fail."""
    request.session["lost"] = 1
    return HttpResponse("broken", status=500)


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Change the session while the response is on its way."""

    def parts() -> Any:
        yield b"a"
        request.session["too_late"] = 1
        yield b"b"

    return StreamingHttpResponse(parts())


def batch(request: HttpRequest) -> HttpResponse:
    """Answer with what another page of the site answers."""
    request.session["before"] = 1
    answer = Client().get("/write")
    request.session["afterwards"] = 1
    return HttpResponse(answer.content)


def named(request: HttpRequest) -> HttpResponse:
    """Pass another server's header on."""
    response = HttpResponse("passed on")
    response["Session-Trace"] = "v=1;id=AAAAAAAAAAAAAAAAAAAAAA;at=1"
    return response


def act_as(request: HttpRequest) -> HttpResponse:
    """Put another client's session in the place of the request's, which nothing has used yet."""
    request.session = SessionStore(request.GET["key"])
    request.session["seen"] = request.session["own"]
    return HttpResponse()


async def count(request: HttpRequest) -> HttpResponse:
    """Write to the session between two turns of the loop."""
    session = request.session
    number = request.GET["n"]
    await asyncio.sleep(0)
    if hasattr(session, "aset"):
        await session.aset(f"key{number}", number)
    else:
        from asgiref.sync import sync_to_async

        await sync_to_async(session.__setitem__)(f"key{number}", number)
    await asyncio.sleep(0.001 * (int(number) % 7))
    return HttpResponse(number)


urlpatterns = [
    path(view.__name__, view)
    for view in (home, read, write, enter, leave, fail, stream, batch, named, act_as, count)
]

STORY = ["home", "read", "write", "read", "write", "enter", "read", "fail", "write", "leave", "read", "named"]


def seen(response: Any) -> dict[str, Any]:
    """Return everything of a response that a browser sees, with what differs by chance named alike."""
    headers = {name.lower(): value for name, value in response.items() if name != "Session-Trace"}
    cookies = {
        name: re.sub(r"sessionid=[a-z0-9]{32}", "sessionid=KEY", m.output())
        for name, m in response.cookies.items()
    }
    body = b"".join(response) if response.streaming else response.content
    return {"status": response.status_code, "headers": headers, "cookies": cookies, "body": body}


class WithABridge(unittest.TestCase):
    """A bridge listens, and the site's channel is connected."""

    def setUp(self) -> None:
        User.objects.get_or_create(username="ada")
        self.folder = Path(tempfile.mkdtemp()) / "session-bridge"
        self.bridge = Bridge(self.folder)
        self.addCleanup(self.bridge.die)
        patched = mock.patch.object(middleware, "_channel", Channel(self.folder, SITE))
        patched.start()
        self.addCleanup(patched.stop)

    def site(self, *more: str, **settings: Any) -> Any:
        """Return settings of a site, with these middlewares first."""
        return override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[*more, *DJANGOS], DEBUG=True, **settings)

    def play(self, *more: str) -> list[Any]:
        """Return what a browser sees of the story, and each request's number of queries."""
        client = Client()
        shown = []
        with self.site(*more):
            for page in STORY:
                with CaptureQueriesContext(connection) as queries:
                    response = client.get(f"/{page}")
                shown.append(
                    (
                        page,
                        seen(response),
                        [re.sub(r"'[^']*'", "?", each["sql"]) for each in queries.captured_queries],
                    )
                )
        return shown

    def traces(self, number: int) -> list[dict[str, Any]]:
        """Return that many traces."""
        lines = self.bridge.read(number if self.bridge.connected else number + 1)
        return [line["trace"] for line in lines if "trace" in line]

    def test_responses_and_queries_are_the_same_with_it_and_without(self) -> None:
        with mock.patch("time.time", return_value=1_700_000_000.0):
            off, on = self.play(), self.play(OURS)
        self.assertEqual(off, on)
        self.assertEqual([trace["path"] for trace in self.traces(len(STORY))], [f"/{page}" for page in STORY])

    def test_each_response_names_its_trace_once(self) -> None:
        client = Client()
        with self.site(OURS):
            responses = [client.get(f"/{page}") for page in STORY]
        headers = [response["Session-Trace"] for response in responses]
        traces = self.traces(len(STORY))
        self.assertEqual(headers, [f"v=1;id={trace['id']};at=47801" for trace in traces])
        self.assertEqual(len(set(headers)), len(STORY))

    def test_without_a_bridge_there_is_no_header_and_no_record(self) -> None:
        self.bridge.die()
        (self.folder / f"{SITE}.json").unlink()
        with self.site(OURS), mock.patch.object(middleware, "Record", side_effect=AssertionError):
            self.assertFalse(Client().get("/write").has_header("Session-Trace"))

    def test_of_what_is_dropped_only_requests_with_a_session_count_and_no_response_names_it(self) -> None:
        with self.site(OURS):
            Client().get("/home")
            with mock.patch("session_bridge.channel.MAX_WAITING", 0):
                dropped = [Client().get(page) for page in ("/home", "/write", "/home")]
            Client().get("/home")
        lines = self.bridge.read(4)
        self.assertEqual([list(line)[0] for line in lines], ["site", "trace", "dropped", "trace"])
        self.assertEqual(lines[2]["dropped"], 1)
        self.assertFalse(any(response.has_header("Session-Trace") for response in dropped))

    def test_a_response_to_another_machine_names_no_port(self) -> None:
        forwarded = (
            {"REMOTE_ADDR": "192.0.2.1"},
            {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 192.0.2.1"},
            {"HTTP_FORWARDED": "for=x"},
            {"HTTP_X_REAL_IP": "192.0.2.1"},
            {"HTTP_X_CLIENT_IP": "192.0.2.1"},
            {"HTTP_CF_CONNECTING_IP": "192.0.2.1"},
        )
        with self.site(OURS):
            for meta in forwarded:
                self.assertFalse(Client().get("/write", **meta).has_header("Session-Trace"))
            for meta in ({"REMOTE_ADDR": ""}, {"REMOTE_ADDR": "::1"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}):
                self.assertTrue(Client().get("/write", **meta).has_header("Session-Trace"))

    def test_a_fault_of_ours_changes_no_response(self) -> None:
        with self.site():
            expected = seen(Client().get("/write"))
        for broken in ("finish", "loaded", "saved", "wrote", "owns", "operation", "read"):
            with (
                self.subTest(broken),
                self.site(OURS),
                mock.patch.object(Record, broken, side_effect=RuntimeError("secret")),
            ):
                with self.assertLogs("session_bridge", "WARNING") as logs:
                    client = Client()
                    self.assertEqual(seen(client.get("/write"))["body"], expected["body"])
                    self.assertEqual(client.get("/write").content, b"2")
                    client.get("/read")
                self.assertNotIn("secret", str(logs.output))

    def test_a_trace_that_misses_something_by_a_fault_of_ours_says_so(self) -> None:
        fault = mock.patch.object(Record, "saved", side_effect=RuntimeError)
        with self.site(OURS), fault, self.assertLogs("session_bridge", "WARNING"):
            Client().get("/write")
        [trace] = self.traces(1)
        self.assertEqual(trace["incomplete"], "other")

    def test_a_change_while_the_response_streams_is_late(self) -> None:
        client = Client()
        with self.site(OURS):
            client.get("/write")
            list(client.get("/stream"))
        lines = self.bridge.read(4)
        streamed, late = lines[2]["trace"], lines[3]["late"]
        self.assertEqual(late, {"id": streamed["id"], "keys": ["too_late"]})

    def test_a_request_that_a_view_sends_is_traced_apart_from_its_own(self) -> None:
        client = Client()
        with self.site(OURS):
            client.get("/write")
            client.get("/batch")
        _, inner, outer = self.traces(3)
        self.assertEqual((inner["path"], list(inner["writers"])), ("/write", ["count"]))
        self.assertEqual(list(outer["writers"]), ["before", "afterwards"])
        self.assertEqual([one["name"] for one in outer["operations"]], ["load", "save"])
        self.assertEqual(json.loads(outer["after"]["json"]), {"count": 1, "before": 1, "afterwards": 1})
        self.assertIsNone(outer["unsaved"])

    def test_a_session_that_the_view_puts_in_the_place_of_the_requests_is_not_shown(self) -> None:
        other = SessionStore()
        other["own"] = "of another user"
        other.create()
        address = f"/act_as?key={other.session_key}"
        with self.site(OURS):
            Client().get(address)
            async_to_sync(AsyncClient().get)(address)
        for trace in self.traces(2):
            self.assertNotIn("of another user", json.dumps(trace))
            self.assertEqual((trace.get("loaded"), trace["incomplete"]), (None, "other"))
            self.assertEqual({one["key"] for one in trace["operations"]}, {other.session_key})

    def test_a_request_without_a_session_is_bare(self) -> None:
        with self.site(OURS):
            Client().get("/home")
        [trace] = self.traces(1)
        self.assertEqual((trace["operations"], trace["accessed"], trace["after"]), ([], False, None))
        self.assertNotIn("loaded", trace)

    def test_fifty_requests_at_once_under_asgi_are_never_mixed(self) -> None:
        """Each has its own session, and writes a key that no other writes."""
        numbers = range(50)
        cookies = []
        for number in numbers:
            store = SessionStore()
            store["own"] = number
            store.create()
            cookies.append(store.session_key)

        async def send(handler: Any, number: int) -> Any:
            factory = AsyncRequestFactory()
            factory.cookies["sessionid"] = cookies[number]
            return await handler.get_response_async(factory.get(f"/count?n={number}"))

        async def all_at_once() -> list[Any]:
            from django.core.handlers.asgi import ASGIHandler

            handler = ASGIHandler()
            return await asyncio.gather(*(send(handler, number) for number in numbers))

        with self.site(OURS):
            responses = async_to_sync(all_at_once)()
        traces = {f"v=1;id={trace['id']};at=47801": trace for trace in self.traces(len(numbers))}
        for number, response in zip(numbers, responses):
            self.assertEqual(response.content, str(number).encode())
            trace = traces[response["Session-Trace"]]
            self.assertEqual(trace["loaded"]["key"], cookies[number])
            self.assertEqual(json.loads(trace["after"]["json"]), {"own": number, f"key{number}": str(number)})
            self.assertEqual([one["name"] for one in trace["operations"]], ["load", "save"])
            self.assertEqual(list(trace["writers"]), [f"key{number}"])


class Refusals(unittest.TestCase):
    """Where the package does not start."""

    def test_without_debug_the_app_refuses_and_says_what_to_do(self) -> None:
        app = apps.get_app_config("session_bridge")
        for debug in (False, None, 0):
            with (
                override_settings(DEBUG=debug),
                self.assertRaisesRegex(ImproperlyConfigured, "under if DEBUG:"),
            ):
                app.ready()

    def test_without_its_app_the_middleware_refuses(self) -> None:
        with mock.patch.object(apps, "is_installed", return_value=False), override_settings(DEBUG=True):
            with self.assertRaisesRegex(ImproperlyConfigured, "INSTALLED_APPS"):
                SessionBridgeMiddleware(home)

    def test_when_the_test_runner_switches_debug_off_the_middleware_is_not_used(self) -> None:
        with override_settings(DEBUG=False), self.assertRaises(MiddlewareNotUsed):
            SessionBridgeMiddleware(home)
