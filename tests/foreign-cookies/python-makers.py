"""Session cookies of Starlette, FastAPI and Flask, and Django's messages, printed as JSON: library, then its Set-Cookie lines."""

import asyncio
import json

import django
import fastapi
import flask
from django.conf import settings

settings.configure(SECRET_KEY="only for these tests, fifty characters long, really so")
django.setup()

from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import RequestFactory
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import PlainTextResponse

SECRET = settings.SECRET_KEY
USER = {"user_id": 42, "name": "Ada é"}
# One length for each remainder modulo three: with two padding characters, with one and with none.
PADDINGS = ["", "x", "xx"]


def fill(text):
    return {**USER, "fill": "~?>" + text}


async def ask(app):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


def starlette_lines(data, **options):
    async def app(scope, receive, send):
        scope["session"].update(data)
        await PlainTextResponse("ok")(scope, receive, send)

    return asyncio.run(ask(SessionMiddleware(app, secret_key=SECRET, **options)))


def fastapi_lines():
    app = fastapi.FastAPI()
    app.add_middleware(SessionMiddleware, secret_key=SECRET)

    @app.get("/")
    async def index(request: fastapi.Request):
        request.session.update(USER)

    return asyncio.run(ask(app))


def flask_lines(data):
    app = flask.Flask("app")
    app.secret_key = SECRET

    @app.route("/")
    def index():
        flask.session.update(data)
        return "ok"

    return app.test_client().get("/").headers.getlist("set-cookie")


def message_lines(count):
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)
    for number in range(count):
        messages.info(request, f"Saved {number}.")
    response = HttpResponse()
    request._messages.update(response)
    response.set_signed_cookie("language", "de")
    return [morsel.OutputString() for morsel in response.cookies.values()]


print(
    json.dumps(
        {
            "Starlette": [starlette_lines(fill(text)) for text in PADDINGS],
            "Starlette, renamed": [starlette_lines(USER, session_cookie="app")],
            "FastAPI": [fastapi_lines()],
            "Flask": [flask_lines(fill(text)) for text in [*PADDINGS, "x" * 500]],
            "Django's messages": [message_lines(1), message_lines(20)],
        }
    )
)
