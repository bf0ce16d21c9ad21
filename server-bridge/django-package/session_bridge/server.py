"""
The site itself, if the command is to start it too: ``manage.py session_bridge runserver 8001``.

It gets the terminal, so that a debugger in a view works, and Ctrl-C reaches it directly.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from django.core.management.base import CommandError

#: How long a process may take to end by itself, seconds.
PATIENCE = 5


class Server:
    """A management command that runs at the same time as session-bridge; when it ends, so does that."""

    def __init__(self, arguments: Sequence[str], bridge: subprocess.Popen[bytes]) -> None:
        self._name = f"manage.py {arguments[0]}"
        self._process = subprocess.Popen([sys.executable, *_manage(), *arguments])
        self._bridge = bridge
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def end(self, is_interrupted: bool) -> bool:
        """
        End it, if it runs. Return whether it had ended by itself, or by the same Ctrl-C.

        :raises CommandError: if it had ended by itself, and not well
        """
        try:
            return self._end(is_interrupted)
        finally:
            # Python may crash if it ends while a daemon thread is still at work
            self._watcher.join(PATIENCE)

    def _end(self, is_interrupted: bool) -> bool:
        code = self._process.poll()
        if code is not None and code > 0 and not is_interrupted:
            raise CommandError(f"{self._name} ended with code {code}. What it said is above.")
        if code is not None:
            return True
        try:
            self._process.terminate()
            self._process.wait(PATIENCE)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()
            self._process.wait()
        return False

    def _watch(self) -> None:
        self._process.wait()
        self._bridge.terminate()


def find_origins(arguments: Sequence[str]) -> list[str] | None:
    """Return where ``runserver`` with these arguments serves; None if they do not say."""
    if not arguments or arguments[0] != "runserver":
        return None
    hosts, port = ["localhost", "127.0.0.1"], "8000"
    for before, argument in zip(arguments, arguments[1:]):
        if before in ("-v", "--verbosity"):
            continue
        found = re.fullmatch(r"(?:([\w.-]+|\[[0-9a-fA-F:.]+\]):)?(\d{1,5})", argument)
        if found is not None:
            port = found[2]
            if found[1] not in (None, "0", "0.0.0.0", "[::]", *hosts):
                hosts = [found[1]]
    return [f"http://{host}:{port}" for host in hosts]


def _manage() -> list[str]:
    """Return how to start another management command: as this one was started."""
    started = Path(sys.argv[0])
    return [sys.argv[0]] if started.suffix == ".py" and started.name != "__main__.py" else ["-m", "django"]
