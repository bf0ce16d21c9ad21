"""The other side of a channel, for tests of the site's side: it announces itself, and reads lines when it is told to."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any, Callable

from session_bridge import place

#: The name of the channel.
SITE = "site"


class Bridge:
    """The other side: listens, announces itself, and reads lines when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        place.create(folder)
        self.path = folder / f"{SITE}.sock"
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(self.path))
        self.server.listen(8)
        self.server.settimeout(5)
        self.announce({"v": 1, "socket": str(self.path), "bridge": 47801, "pid": os.getpid()})
        self.connected: socket.socket | None = None
        self.rest = b""

    def announce(self, facts: Any) -> None:
        """Write the announcement."""
        file = self.folder / f"{SITE}.json"
        file.touch(0o600)
        file.write_text(json.dumps(facts))

    def read(self, count: int) -> list[Any]:
        """Return the next lines, parsed."""
        if self.connected is None:
            self.connected, _ = self.server.accept()
            self.connected.settimeout(5)
        while self.rest.count(b"\n") < count:
            piece = self.connected.recv(1 << 20)
            if piece == b"":
                break
            self.rest += piece
        *lines, self.rest = self.rest.split(b"\n", count)
        return [json.loads(line) for line in lines]

    def die(self) -> None:
        """End as a killed process does: its files stay."""
        if self.connected is not None:
            self.connected.close()
            self.connected = None
        self.server.close()


def until(true: Callable[[], Any]) -> Any:
    """Wait for a condition, and return what it returned."""
    end = time.monotonic() + 10
    while True:
        found = true()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.005)
