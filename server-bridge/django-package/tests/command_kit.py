"""``manage.py session_bridge`` as people start it, as a process, for the tests of it."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .databases import require

PACKAGE = Path(__file__).resolve().parent.parent
BRIDGE = str(Path(__file__).resolve().parent / "site" / "bridge.mjs")
MIDDLEWARE = "session_bridge.middleware.SessionBridgeMiddleware"
FOR_SITE = {
    "DJANGO_SETTINGS_MODULE": "tests.site.settings",
    "PYTHONPATH": os.pathsep.join([str(PACKAGE), *filter(None, sys.path)]),
}
#: Seconds after which something that should have been said is a failure.
PATIENCE = 60


class Running:
    """A process whose output is read as it comes."""

    def __init__(self, arguments: list[str], variables: dict[str, str], folder: str) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "django", *arguments],
            env={**os.environ, **variables},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.output = ""

    def wait_for(self, pattern: str) -> str:
        """Return the first group of what it says."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = re.search(pattern, self.output)
            if found is not None:
                return found[1] if found.groups() else found[0]
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"it did not say {pattern!r}:\n{self.output}")

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait for what it does not say, as long as it runs. What it says meanwhile is read: a full pipe would stop it."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            is_silent = not self._read(0.02)
            if time.monotonic() > deadline or (is_silent and self.child.poll() is not None):
                raise AssertionError(f"it did not come to that:\n{self.output}")

    def end(self) -> int:
        """Return its code; by then ``output`` is all that it and its child said."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline - time.monotonic()):
            pass
        return self.child.wait(PATIENCE)

    def interrupt(self) -> None:
        """Press Ctrl-C: the whole group gets the signal."""
        os.killpg(self.child.pid, signal.SIGINT)

    def close(self) -> None:
        """End all that is left."""
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()
        self.child.stdout.close()

    def _read(self, seconds: float) -> bool:
        if not select.select([self.child.stdout], [], [], max(seconds, 0))[0]:
            return False
        said = os.read(self.child.stdout.fileno(), 65536)
        self.output += said.decode()
        return said != b""


class CommandCase(unittest.TestCase):
    """Tests of the command, with a program in the place of session-bridge that says what it is told."""

    @classmethod
    def setUpClass(cls) -> None:
        """Make a database that each test copies."""
        require(shutil.which("node") is not None, "Node")
        cls.empty = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.empty)
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
            env={**os.environ, **FOR_SITE, "SITE_FOLDER": cls.empty},
            check=True,
        )

    def setUp(self) -> None:
        """Make a folder for the site."""
        self.folder = os.path.join(tempfile.mkdtemp(), "site")
        self.addCleanup(shutil.rmtree, os.path.dirname(self.folder), ignore_errors=True)
        shutil.copytree(self.empty, self.folder)
        runtime = Path(self.folder) / "runtime"
        runtime.mkdir(0o700)
        self.variables = {**FOR_SITE, "SITE_FOLDER": self.folder, "XDG_RUNTIME_DIR": str(runtime)}

    def start(
        self, *arguments: str, program: str | None = BRIDGE, settings: Any = None, **variables: str
    ) -> Running:
        """Start the command."""
        if settings is not None:
            variables["SITE_SETTINGS"] = json.dumps(settings)
        chosen = [] if program is None else ["--session-bridge", program]
        running = Running(
            ["session_bridge", *chosen, *arguments], {**self.variables, **variables}, self.folder
        )
        self.addCleanup(running.close)
        return running
