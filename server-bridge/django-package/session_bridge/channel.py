"""
The site's end of the channel: sends lines to the bridge next to the site, and never waits for it.

What does not fit into the socket waits in a bounded queue, which a thread empties. What does not fit there is
dropped and counted. The site reads nothing from the channel except its end.
"""

from __future__ import annotations

import json
import os
import secrets
import selectors
import socket
import struct
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from . import place
from .handshake import prove

MAX_WAITING = 4 * 1024 * 1024
LOOK_SECONDS = 1.0
CONNECT_SECONDS = 5.0


class Channel:
    """The connection of one process. All methods may be called from any thread, and none waits."""

    def __init__(self, folder: Path, site: str) -> None:
        self._folder = folder
        self._site = site
        self._lock = threading.Lock()
        self._start()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave_to_parent)

    def port(self) -> int | None:
        """
        Return the port of the bridge that is connected, or None.

        If there is none, look for one, at most once a second.
        """
        with self._lock:
            if self._socket is not None and _is_ended(self._socket):
                self._drop_connection()
            if self._socket is None and not self._is_connecting and time.monotonic() >= self._next_look:
                self._next_look = time.monotonic() + LOOK_SECONDS
                self._look()
            return self._bridge if self._socket is not None else None

    def send(self, message: dict[str, Any], counts: bool = True) -> bool:
        """
        Hand over one line. False if it was dropped.

        :param counts: whether the tab should learn that it was dropped
        """
        is_full = self._waiting_bytes >= MAX_WAITING  # then it is not even written
        line = b"" if is_full else _to_line(message)
        with self._lock:
            if self._socket is None:
                return False
            if is_full or self._waiting_bytes + len(line) > MAX_WAITING:
                self._dropped += 1 if counts else 0
                return False
            self._put_dropped()
            self._put(line, counts)
            return self._socket is not None

    def _start(self) -> None:
        self._pid = os.getpid()
        self._process = secrets.token_urlsafe(16)
        self._socket: socket.socket | None = None
        self._bridge: int | None = None
        self._waiting: deque[tuple[memoryview, bool]] = deque()
        self._waiting_bytes = 0
        self._dropped = 0
        self._drained: socket.socket | None = None
        self._is_connecting = False
        self._next_look = 0.0

    def _leave_to_parent(self) -> None:
        """In a process that was just forked: the connection is its parent's, and perhaps the lock, too."""
        self._lock = threading.Lock()
        if self._socket is not None:
            self._socket.close()
        self._start()

    def _look(self) -> None:
        announced = place.read_announcement(self._folder, self._site)
        if announced is None:
            return
        if isinstance(announced.get("socket"), str):
            self._use(_connect(self._folder, self._site), announced["bridge"])
        elif isinstance(announced.get("port"), int) and isinstance(announced.get("secret"), str):
            self._is_connecting = True
            threading.Thread(target=self._prove, args=(announced,), daemon=True).start()

    def _prove(self, announced: dict[str, Any]) -> None:
        """Runs in a separate thread: over loopback, both sides prove first that they know the secret."""
        connected: socket.socket | None = None
        try:
            connected = socket.create_connection(("127.0.0.1", announced["port"]), CONNECT_SECONDS)
            if not prove(connected, announced["secret"]):
                connected.close()
                connected = None
        except Exception:  # it is not a bridge, or it does not answer
            if connected is not None:
                connected.close()
            connected = None
        with self._lock:
            self._is_connecting = False
            if connected is not None:
                connected.setblocking(False)
            self._use(connected, announced["bridge"])

    def _use(self, connected: socket.socket | None, bridge: int) -> None:
        if connected is None:
            return
        self._socket = connected
        self._bridge = bridge
        self._put(_to_line({"site": 1, "process": self._process, "pid": self._pid}), False)

    def _put(self, line: bytes, counts: bool) -> None:
        self._waiting.append((memoryview(line), counts))
        self._waiting_bytes += len(line)
        self._send_waiting()
        if self._waiting and self._drained is not self._socket:
            self._drained = self._socket
            threading.Thread(target=self._drain, args=(self._socket,), daemon=True).start()

    def _put_dropped(self) -> None:
        """Say how many traces were dropped since it was last said."""
        if self._dropped == 0:
            return
        line, self._dropped = _to_line({"dropped": self._dropped}), 0
        self._waiting.append((memoryview(line), False))
        self._waiting_bytes += len(line)

    def _send_waiting(self) -> None:
        """Send as much as the socket takes now."""
        while self._waiting and self._socket is not None:
            part, counts = self._waiting[0]
            try:
                sent = self._socket.send(part)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._drop_connection()
                return
            self._waiting_bytes -= sent
            if sent < len(part):
                self._waiting[0] = (part[sent:], counts)
            else:
                self._waiting.popleft()

    def _drain(self, connected: socket.socket) -> None:
        """Runs in a thread, while something waits for the socket."""
        with selectors.DefaultSelector() as selector:
            try:
                selector.register(connected, selectors.EVENT_WRITE)
            except (ValueError, OSError):
                pass  # it was closed meanwhile
            while True:
                selector.select(LOOK_SECONDS)
                with self._lock:
                    if self._socket is connected:
                        self._send_waiting()
                    if self._socket is connected and not self._waiting:
                        self._put_dropped()
                        self._send_waiting()
                    if self._socket is not connected or not self._waiting:
                        if self._drained is connected:
                            self._drained = None
                        return

    def _drop_connection(self) -> None:
        """The bridge is gone. What was on its way is lost, and counted."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._bridge = None
        self._dropped += sum(counts for _, counts in self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        self._next_look = time.monotonic() + LOOK_SECONDS


def _to_line(message: dict[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def _connect(folder: Path, site: str) -> socket.socket | None:
    """Connect to the socket of this name, if the process behind it is this user's."""
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.setblocking(False)
        connected.connect(str(folder / f"{site}.sock"))
        if _is_own_peer(connected):
            return connected
    except (OSError, ValueError):
        pass
    connected.close()
    return None


def _is_own_peer(connected: socket.socket) -> bool:
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the folder is this user's alone
    facts = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", facts)
    return uid == os.getuid()


def _is_ended(connected: socket.socket) -> bool:
    """Return whether the other side has closed the connection, or says something: it never does."""
    try:
        connected.recv(1, socket.MSG_PEEK)
        return True
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        return True
