"""Which program the command starts, and which Node it needs."""

from __future__ import annotations

import os
import shutil
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from django.core.management.base import CommandError
from session_bridge import node


class FindProgramTest(unittest.TestCase):
    """``find_program``, with programs in a separate folder on ``PATH``."""

    def setUp(self) -> None:
        """Make an empty project, and a ``PATH`` with nothing but a new Node."""
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.project, self.programs = folder / "site" / "project", folder / "programs"
        self.project.mkdir(parents=True)
        self.programs.mkdir()
        self.node = self.make(self.programs / "node", "echo v24.1.0")
        self.enter({"PATH": str(self.programs)})
        # outside a checkout
        installed = patch.object(node, "_PACKAGE", folder / "site-packages")
        installed.start()
        self.addCleanup(installed.stop)

    def enter(self, variables: dict) -> None:
        """Change the environment for this test."""
        changed = patch.dict(os.environ, variables)
        changed.start()
        self.addCleanup(changed.stop)

    def make(self, path: Path, line: str = "exit 0") -> str:
        """Make a program."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        return str(path)

    def refusal(self, given: str | None = None) -> str:
        """Return the sentence of the error."""
        with self.assertRaises(CommandError) as raised:
            node.find_program(given, self.project)
        return str(raised.exception)

    def test_takes_the_one_that_npm_installed_in_the_project(self) -> None:
        own = self.make(self.project / "node_modules/.bin/session-bridge")
        self.make(self.project.parent / "node_modules/.bin/session-bridge")
        self.assertEqual(node.find_program(None, self.project), [own])

    def test_takes_the_one_in_a_folder_above(self) -> None:
        above = self.make(self.project.parent / "node_modules/.bin/session-bridge")
        self.assertEqual(node.find_program(None, self.project), [above])

    @unittest.skipUnless(
        hasattr(os, "getuid") and os.getuid() == 0, "only root can make another user's folder"
    )
    def test_takes_none_of_another_user(self) -> None:
        self.make(self.project.parent / "node_modules/.bin/session-bridge")
        os.chown(self.project.parent / "node_modules", 65534, 65534)
        self.assertIn("session-bridge is not installed", self.refusal())

    def test_takes_the_built_program_of_a_checkout_before_its_source(self) -> None:
        checkout = self.project / "server-bridge"
        with patch.object(node, "_PACKAGE", checkout / "django-package"):
            source, built = checkout / "src/cli/main.ts", checkout / "dist/cli/main.js"
            self.make(source)
            command = [
                self.node,
                "--conditions=sessions-source",
                "--disable-warning=ExperimentalWarning",
                str(source),
            ]
            self.assertEqual(node.find_program(None, self.project), command)
            self.make(built)
            self.assertEqual(node.find_program(None, self.project), [self.node, str(built)])

    def test_finds_this_checkout(self) -> None:
        real = Path(node.__file__).resolve().parent.parent
        with patch.object(node, "_PACKAGE", real):
            self.assertRegex(
                node.find_program(None, self.project)[-1], r"server-bridge/(src|dist)/cli/main\.[tj]s$"
            )

    def test_without_one_says_what_to_do_and_asks_no_registry(self) -> None:
        self.make(self.programs / "npx")
        self.assertRegex(
            self.refusal(), "^session-bridge is not installed in this project. Install this package with"
        )

    def test_takes_what_is_given(self) -> None:
        script, program = self.make(self.project / "a.js"), self.make(self.project / "program")
        self.assertEqual(node.find_program(script, self.project), [self.node, script])
        self.assertEqual(node.find_program(program, self.project), [program])

    def test_refuses_what_is_not_there(self) -> None:
        for given in ("nowhere.js", str(self.project), "no-such-program"):
            self.assertIn("--session-bridge names no program", self.refusal(given))

    def test_refuses_an_old_node(self) -> None:
        for version, name in (("v18.19.0", "18.19"), ("v22.12.0", "22.12")):
            self.make(self.programs / "node", f"echo {version}")
            self.assertEqual(
                self.refusal(),
                f"This is Node {name}. session-bridge needs Node 22.13 or later. Install it from https://nodejs.org, "
                "and start this command again.",
            )
        for version in ("v22.13.0", "v23.0.0", "v100.1.0"):
            self.make(self.programs / "node", f"echo {version}")
            own = self.make(self.project / "node_modules/.bin/session-bridge")
            self.assertEqual(node.find_program(None, self.project), [own])

    def test_says_where_to_get_node(self) -> None:
        os.unlink(self.node)
        self.assertRegex(self.refusal(), "^There is no Node on PATH. .* https://nodejs.org,")
        self.make(self.programs / "node", "exit 1")
        self.assertRegex(self.refusal(), "^Node cannot be started. .* https://nodejs.org,")
