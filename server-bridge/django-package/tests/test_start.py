"""What the site says when its middleware starts: one line, which names what keeps it from tracing."""

from __future__ import annotations

import io
import os
import tempfile
import unittest
from contextlib import redirect_stderr
from pathlib import Path
from unittest import mock

from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from session_bridge import middleware, place


def page(request: HttpRequest) -> HttpResponse:
    """Answer."""
    return HttpResponse()


class Start(unittest.TestCase):
    """``SessionBridgeMiddleware``, started twice."""

    def start(self, mode: int) -> str:
        """Return what is said where the folder of the channels has this mode."""
        folder = Path(tempfile.mkdtemp()) / "session-bridge"
        place.create(folder)
        os.chmod(folder, mode)
        self.folder = folder
        said = io.StringIO()
        with (
            mock.patch.object(middleware, "_channel", None),
            mock.patch.object(middleware, "folder", return_value=folder),
            override_settings(DEBUG=True),
            redirect_stderr(said),
        ):
            middleware.SessionBridgeMiddleware(page)
            middleware.SessionBridgeMiddleware(page)
        return said.getvalue()

    def test_it_says_once_what_it_does(self) -> None:
        self.assertRegex(self.start(0o700), r"^\[session-bridge\] traces sessions [^\n]*\n$")

    def test_it_says_that_it_traces_nothing_where_others_can_use_the_folder(self) -> None:
        said = self.start(0o755)
        self.assertRegex(said, r"^\[session-bridge\] traces nothing: [^\n]*\n$")
        self.assertIn(f"{self.folder} can be used by others on this machine. Delete it, and start", said)
