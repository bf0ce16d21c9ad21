"""``manage.py session_bridge runserver``: the site in the same terminal."""

from __future__ import annotations

import json
import os
import signal
import socket
import unittest

from session_bridge.server import find_origins

from .command_kit import CommandCase
from .databases import listens


class ServerTest(CommandCase):
    """The command with another one."""

    def test_starts_the_site_as_well(self) -> None:
        port = free_port()
        running = self.start("runserver", f"127.0.0.1:{port}", "--noreload")
        site = json.loads(running.wait_for(r"bridge: site (.*)\n"))["site"]
        self.assertEqual(site["serves"], [f"http://localhost:{port}", f"http://127.0.0.1:{port}"])
        running.wait_until(lambda: listens("127.0.0.1", port))
        running.interrupt()
        self.assertEqual(running.end(), 0, running.output)
        self.assertNotIn("Traceback", running.output)

    def test_a_terminated_command_ends_the_site(self) -> None:
        port = free_port()
        running = self.start("runserver", f"127.0.0.1:{port}")
        running.wait_until(lambda: listens("127.0.0.1", port))
        running.child.terminate()
        self.assertEqual(running.end(), 0, running.output)
        self.assertNotIn("Traceback", running.output)

    def test_ends_when_the_site_ends(self) -> None:
        running = self.start("no-such-command")
        self.assertEqual(running.end(), 1)
        self.assertIn("CommandError: manage.py no-such-command ended with code 1.", running.output)

    def test_ends_the_site_when_its_program_was_killed(self) -> None:
        running = self.start("runserver", f"127.0.0.1:{free_port()}", "--noreload")
        os.kill(int(running.wait_for(r"bridge: pid (\d+)")), signal.SIGKILL)
        self.assertEqual(running.end(), 1)
        self.assertIn("was ended by SIGKILL", running.output)


class ServedOriginsTest(unittest.TestCase):
    """Where the site is, by the arguments of ``runserver``."""

    def test_is_read_from_its_arguments(self) -> None:
        for given, origins in (
            ("runserver", ["http://localhost:8000", "http://127.0.0.1:8000"]),
            ("runserver --noreload 9000", ["http://localhost:9000", "http://127.0.0.1:9000"]),
            ("runserver -v 2", ["http://localhost:8000", "http://127.0.0.1:8000"]),
            ("runserver 9000 --verbosity 2", ["http://localhost:9000", "http://127.0.0.1:9000"]),
            ("runserver 0.0.0.0:9000", ["http://localhost:9000", "http://127.0.0.1:9000"]),
            ("runserver shop.test:9000", ["http://shop.test:9000"]),
            ("runserver [::1]:9000", ["http://[::1]:9000"]),
            ("runserver_plus 9000", None),
            ("", None),
        ):
            self.assertEqual(find_origins(given.split()), origins)


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]
