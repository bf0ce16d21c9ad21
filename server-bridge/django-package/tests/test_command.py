"""``manage.py session_bridge`` as people start it: what it says, how it ends, and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import unittest
from pathlib import Path
from typing import Any

import django
from django.core.management.base import CommandError
from session_bridge.management.commands.session_bridge import derive_secret, find_middleware_fault, to_origin

from .command_kit import MIDDLEWARE, CommandCase


class CommandTest(CommandCase):
    """``manage.py session_bridge``."""

    def told(self, *arguments: str, **given: Any) -> dict[str, Any]:
        """Return what the program is told about the site."""
        running = self.start(*arguments, BRIDGE_ENDS="at once", **given)
        site = json.loads(running.wait_for(r"bridge: site (.*)\n"))["site"]
        self.assertEqual(running.end(), 0, running.output)
        return site

    def test_describes_the_site(self) -> None:
        site = self.told()
        self.assertEqual(site["version"], django.get_version())
        self.assertEqual((site["engine"], site["module"]), ("db", "django.contrib.sessions.backends.db"))
        self.assertEqual((site["cookieName"], site["carried"], site["note"]), ("sessionid", False, None))
        self.assertEqual(site["serves"], ["http://localhost:8000", "http://127.0.0.1:8000"])
        self.assertIn("conflicts", site["capabilities"])
        self.assertEqual(site["channel"]["folder"], self.variables["XDG_RUNTIME_DIR"] + "/session-bridge")
        self.assertRegex(site["channel"]["name"], "^[0-9a-f]{32}$")
        self.assertEqual(os.stat(site["channel"]["folder"]).st_mode & 0o777, 0o700)
        self.assertNotIn("the secret of", json.dumps(site))

    def test_promises_traces_only_if_the_middleware_is_there(self) -> None:
        self.assertIn("traces", self.told()["capabilities"])
        self.assertNotIn("traces", self.told(settings={"MIDDLEWARE": []})["capabilities"])

    def test_describes_other_engines(self) -> None:
        for engine, name, carried, note in (
            ("django.contrib.sessions.backends.file", "file", False, None),
            ("django.contrib.sessions.backends.signed_cookies", "signed_cookies", True, "Signed cookies"),
            ("tests.site.own_sessions", "tests.site.own_sessions", False, None),
        ):
            site = self.told(settings={"SESSION_ENGINE": engine})
            self.assertEqual((site["engine"], site["carried"]), (name, carried))
            self.assertTrue(site["note"] is None if note is None else site["note"].startswith(note))

    def test_is_told_where_the_site_is(self) -> None:
        site = self.told("--for", "http://shop.test:8001", "--for=https://localhost")
        self.assertEqual(site["serves"], ["http://shop.test:8001", "https://localhost"])

    def test_answers_for_the_site(self) -> None:
        running = self.start(BRIDGE_ENDS="at once")
        self.assertEqual(running.wait_for(r"bridge: answer (.*)\n"), '{"id":1,"answer":{"stored":false}}')
        self.assertEqual(running.end(), 0)

    def test_says_nothing_itself_when_all_is_well(self) -> None:
        running = self.start(BRIDGE_ENDS="at once")
        running.end()
        self.assertEqual(
            [line for line in running.output.splitlines() if not line.startswith("bridge: ")], []
        )

    def test_refuses_without_debug(self) -> None:
        running = self.start(settings={"DEBUG": False})
        self.assertEqual(running.end(), 1)
        self.assertRegex(running.output, "DEBUG")
        self.assertNotIn("bridge:", running.output)

    def test_says_when_the_middleware_is_missing_or_not_the_first(self) -> None:
        running = self.start(BRIDGE_ENDS="at once", settings={"MIDDLEWARE": []})
        self.assertEqual(running.end(), 0)
        self.assertIn(
            f'No request will be traced. Add this to the end of settings.py: MIDDLEWARE.insert(0, "{MIDDLEWARE}")',
            running.output,
        )
        self.assertIsNone(find_middleware_fault((MIDDLEWARE, "other")))
        self.assertRegex(find_middleware_fault(["other", MIDDLEWARE]) or "", "the first in MIDDLEWARE")

    def test_says_when_there_is_no_table(self) -> None:
        os.unlink(os.path.join(self.folder, "db.sqlite3"))
        running = self.start(BRIDGE_ENDS="at once")
        self.assertEqual(running.end(), 0)
        self.assertIn("There is no table django_session. Run manage.py migrate.", running.output)

    def test_says_when_the_database_cannot_be_reached(self) -> None:
        nowhere = {"ENGINE": "django.db.backends.postgresql", "NAME": "a", "HOST": "127.0.0.1", "PORT": "1"}
        running = self.start(BRIDGE_ENDS="at once", settings={"DATABASES": {"default": nowhere}})
        self.assertEqual(running.end(), 0)
        self.assertIn("The database default cannot be reached (OperationalError). Start it", running.output)

    def test_ctrl_c_ends_both_without_a_traceback(self) -> None:
        running = self.start()
        running.wait_for("bridge: answer")
        running.interrupt()
        self.assertEqual(running.end(), 0, running.output)
        self.assertIn("bridge: input has ended", running.output)
        self.assertNotIn("Traceback", running.output)

    def test_an_interrupt_of_the_command_alone_ends_both(self) -> None:
        running = self.start()
        running.wait_for("bridge: answer")
        os.kill(running.child.pid, signal.SIGINT)
        self.assertEqual(running.end(), 0, running.output)
        self.assertIn("bridge: input has ended", running.output)
        self.assertNotIn("Traceback", running.output)

    def test_a_killed_command_ends_its_program(self) -> None:
        running = self.start()
        running.wait_for("bridge: answer")
        running.child.kill()
        running.wait_for("bridge: input has ended")
        running.end()

    def test_says_when_its_program_was_killed(self) -> None:
        running = self.start(BRIDGE_ENDS="by a signal")
        self.assertEqual(running.end(), 1)
        self.assertIn(
            "CommandError: session-bridge was ended by SIGKILL. Start this command again.", running.output
        )

    def test_says_when_its_program_ended(self) -> None:
        running = self.start(BRIDGE_ENDS="with a code")
        self.assertEqual(running.end(), 1)
        self.assertIn(
            "CommandError: session-bridge ended with code 3. What it said is above.", running.output
        )

    def test_refuses_a_folder_that_others_can_use(self) -> None:
        shared = Path(self.variables["XDG_RUNTIME_DIR"]) / "session-bridge"
        shared.mkdir()
        shared.chmod(0o777)
        running = self.start()
        self.assertEqual(running.end(), 1)
        self.assertIn("can be used by others", running.output)
        self.assertNotIn("Traceback", running.output)

    def test_runs_with_the_real_program(self) -> None:
        running = self.start("--for", "http://localhost:8000", program=None)
        running.wait_for(r"Ctrl-C ends it")
        running.interrupt()
        self.assertEqual(running.end(), 0, running.output)
        self.assertNotIn("Traceback", running.output)
        self.assertEqual(os.listdir(os.path.join(self.variables["XDG_RUNTIME_DIR"], "session-bridge")), [])


class OriginTest(unittest.TestCase):
    """``--for``."""

    def test_is_written_as_browsers_write_it(self) -> None:
        for given, origin in (
            ("http://Localhost:8000/", "http://localhost:8000"),
            ("http://shop.test:80", "http://shop.test"),
            ("https://shop.test:443", "https://shop.test"),
            ("http://[::1]:8000", "http://[::1]:8000"),
        ):
            self.assertEqual(to_origin(given), origin)

    def test_is_nothing_else(self) -> None:
        for given in (
            "localhost:8000",
            "localhost",
            "ftp://a",
            "http://",
            "http://a/b",
            "http://a?b",
            "http://u:p@a",
            "http://a:b",
        ):
            with self.assertRaisesRegex(CommandError, "--for takes an origin, such as"):
                to_origin(given)


class SecretTest(unittest.TestCase):
    """What session-bridge signs with."""

    def test_is_the_same_at_every_start_and_is_not_the_sites(self) -> None:
        self.assertEqual(derive_secret("a key"), derive_secret(b"a key"))
        self.assertNotEqual(derive_secret("a key"), derive_secret("another key"))
        self.assertNotIn("a key", derive_secret("a key"))
        self.assertEqual(len(derive_secret("a key")), 44)
