"""The site's end of the channel: it never waits, drops what does not fit, counts it, and talks to no one else (T44)."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from session_bridge import channel as channel_module
from session_bridge import place
from session_bridge.channel import MAX_WAITING, Channel
from session_bridge.handshake import proof_of

from .bridge_kit import SITE, Bridge, until


class OverASocket(unittest.TestCase):
    """The usual way."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp()) / "session-bridge"
        self.channel = Channel(self.folder, SITE)

    def look_again(self) -> int | None:
        """Look without waiting for the second to pass."""
        self.channel._next_look = 0
        return self.channel.port()

    def test_without_a_bridge_it_looks_once_a_second(self) -> None:
        self.assertIsNone(self.channel.port())
        bridge = Bridge(self.folder)
        self.assertIsNone(self.channel.port())
        self.assertFalse(self.channel.send({"a": 1}))
        self.assertEqual(self.look_again(), 47801)
        bridge.die()

    def test_the_bridge_receives_each_line_in_order_and_first_who_sends(self) -> None:
        bridge = Bridge(self.folder)
        self.assertEqual(self.channel.port(), 47801)
        for number in range(100):
            self.assertTrue(self.channel.send({"trace": number, "text": "\u2028é" * number}))
        first, *lines = bridge.read(101)
        self.assertEqual((first["site"], first["pid"]), (1, os.getpid()))
        self.assertRegex(first["process"], "^[A-Za-z0-9_-]{22}$")
        self.assertEqual([line["trace"] for line in lines], list(range(100)))
        bridge.die()

    def test_a_bridge_that_accepts_no_connection_keeps_no_request_waiting(self) -> None:
        bridge = Bridge(self.folder)
        self.addCleanup(bridge.die)
        with self.assertRaises(BlockingIOError):
            while True:  # until no more can wait for the bridge
                waiting = socket.socket(socket.AF_UNIX)
                self.addCleanup(waiting.close)
                waiting.setblocking(False)
                waiting.connect(str(bridge.path))
        found: list[Any] = []
        threading.Thread(target=lambda: found.append(self.channel.port()), daemon=True).start()
        self.assertEqual(until(lambda: found), [None])

    def test_a_line_longer_than_the_socket_takes_arrives_whole(self) -> None:
        bridge = Bridge(self.folder)
        self.channel.port()
        text = "x" * (MAX_WAITING // 2)
        self.assertTrue(self.channel.send({"text": text}))
        _, line = bridge.read(2)
        self.assertEqual(line["text"], text)
        # and so does the next, with nothing sent after it
        self.assertTrue(self.channel.send({"text": text, "next": True}))
        [line] = bridge.read(1)
        self.assertTrue(line["next"])
        bridge.die()

    def test_a_bridge_that_stops_reading_costs_traces_and_no_time_and_learns_how_many(self) -> None:
        bridge = Bridge(self.folder)
        self.channel.port()
        bridge.read(1)
        text = "x" * 100_000
        accepted = [self.channel.send({"text": text, "number": number}) for number in range(200)]
        dropped = accepted.count(False)
        self.assertGreater(dropped, 100)
        self.assertTrue(accepted[0])
        lines = bridge.read(200 - dropped + 1)
        self.assertEqual(sum(line.get("dropped", 0) for line in lines), dropped)
        kept = [number for number, was in enumerate(accepted) if was]
        self.assertEqual([line["number"] for line in lines if "number" in line], kept)
        self.assertTrue(until(lambda: self.channel.send({"text": "again", "number": 0})))
        bridge.die()

    def test_what_does_not_count_is_dropped_silently(self) -> None:
        bridge = Bridge(self.folder)
        self.channel.port()
        bridge.read(1)
        text = "x" * 100_000
        accepted = [
            self.channel.send({"text": text, "number": number}, counts=False) for number in range(100)
        ]
        self.assertIn(False, accepted)
        lines = bridge.read(accepted.count(True))
        self.assertFalse([line for line in lines if "dropped" in line])
        bridge.die()

    def test_a_bridge_that_died_is_noticed_before_a_response_names_it(self) -> None:
        bridge = Bridge(self.folder)
        self.channel.port()
        bridge.read(1)
        bridge.die()
        self.assertIsNone(self.channel.port())
        self.assertFalse(self.channel.send({"a": 1}))

    def test_after_a_restart_it_connects_again_and_tells_what_was_lost(self) -> None:
        bridge = Bridge(self.folder)
        self.channel.port()
        bridge.read(1)
        while self.channel.send({"text": "x" * 100_000}):
            pass
        bridge.die()
        self.assertIsNone(self.channel.port())
        bridge.path.unlink()
        bridge = Bridge(self.folder)
        self.assertEqual(until(self.look_again), 47801)
        self.assertTrue(self.channel.send({"last": True}))
        first, told, last = bridge.read(3)
        self.assertEqual(first["site"], 1)
        self.assertGreater(told["dropped"], 30)
        self.assertTrue(last["last"])
        bridge.die()

    def test_a_bridge_that_says_anything_is_not_listened_to(self) -> None:
        bridge = Bridge(self.folder)
        self.channel.port()
        bridge.read(1)
        assert bridge.connected is not None
        bridge.connected.sendall(b'{"command":"flush"}\n')
        self.assertIsNone(self.channel.port())
        bridge.die()

    def test_a_forked_process_takes_a_connection_of_its_own(self) -> None:
        bridge = Bridge(self.folder)
        self.channel.port()
        bridge.read(1)
        child = os.fork()
        if child == 0:
            os._exit(0 if self.channel.port() == 47801 and self.channel.send({"child": True}) else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertTrue(self.channel.send({"parent": True}))
        self.assertEqual(bridge.read(1), [{"parent": True}])
        bridge.connected, bridge.rest = None, b""
        first, second = bridge.read(2)
        self.assertNotEqual(first["pid"], os.getpid())
        self.assertEqual(second, {"child": True})
        bridge.die()

    def test_a_process_that_is_forked_while_another_thread_sends_does_not_wait(self) -> None:
        with self.channel._lock:
            child = os.fork()
            if child == 0:
                self.channel.port()
                os._exit(0)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    @unittest.skipUnless(os.getuid() == 0, "needs another user")
    def test_another_users_process_in_the_bridges_place_receives_nothing(self) -> None:
        """Even if it could put its socket into the folder: whom the socket belongs to is asked of the system."""
        Bridge(self.folder).die()
        (self.folder / f"{SITE}.sock").unlink()
        ready, told = os.pipe()
        for path in (self.folder.parent, self.folder):
            os.chmod(path, 0o777)
        child = os.fork()
        if child == 0:
            os.setgid(65534)
            os.setuid(65534)
            server = socket.socket(socket.AF_UNIX)
            server.bind(str(self.folder / f"{SITE}.sock"))
            server.listen()
            os.write(told, b"1")
            connected, _ = server.accept()
            os._exit(0 if connected.recv(100) == b"" else 1)
        os.read(ready, 1)
        os.chmod(self.folder, 0o700)
        os.chmod(self.folder.parent, 0o700)
        self.assertIsNone(self.look_again())
        self.assertFalse(self.channel.send({"secret": True}))
        self.assertEqual(os.waitpid(child, 0)[1], 0)


class OverLoopback(unittest.TestCase):
    """Where there are no such sockets: both sides prove that they know the secret."""

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp()) / "session-bridge"
        place.create(self.folder)
        self.secret = secrets.token_urlsafe(32)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(5)
        self.addCleanup(self.server.close)
        file = self.folder / f"{SITE}.json"
        file.touch(0o600)
        port = self.server.getsockname()[1]
        file.write_text(json.dumps({"v": 1, "port": port, "secret": self.secret, "bridge": 47802, "pid": 1}))
        self.channel = Channel(self.folder, SITE)

    def answer(self, secret: str) -> Any:
        """Accept a connection, and answer its greeting by this secret; return its file and the nonces."""
        connected, _ = self.server.accept()
        connected.settimeout(5)
        self.addCleanup(connected.close)
        file = connected.makefile("rwb")
        own = json.loads(file.readline())["nonce"]
        nonce = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        file.write(
            json.dumps({"nonce": nonce, "proof": proof_of("server", secret, own, nonce)}).encode() + b"\n"
        )
        file.flush()
        return file, own, nonce

    def test_both_sides_prove_themselves_before_the_first_line(self) -> None:
        self.assertIsNone(self.channel.port())
        file, own, nonce = self.answer(self.secret)
        self.assertEqual(json.loads(file.readline())["proof"], proof_of("site", self.secret, own, nonce))
        self.assertEqual(until(self.channel.port), 47802)
        self.assertTrue(self.channel.send({"a": 1}))
        self.assertEqual(json.loads(file.readline())["site"], 1)
        self.assertEqual(json.loads(file.readline()), {"a": 1})

    def test_a_program_without_the_secret_learns_nothing(self) -> None:
        self.channel.port()
        file, _, _ = self.answer(secrets.token_urlsafe(32))
        self.assertEqual(file.read(), b"")
        self.assertIsNone(self.channel.port())

    def test_a_program_that_echoes_or_babbles_learns_nothing(self) -> None:
        for answer in (b'{"hello":1}\n', b"[]\n", b"\xff\n", b"x" * 5000, b""):
            with self.subTest(answer[:12]):
                self.channel._next_look = 0
                self.channel.port()
                connected, _ = self.server.accept()
                connected.settimeout(5)
                connected.recv(1000)
                connected.sendall(answer)
                connected.shutdown(socket.SHUT_WR)
                self.assertEqual(self.read_rest(connected), b"")
                until(lambda: not self.channel._is_connecting)
                self.assertIsNone(self.channel.port())

    def test_a_program_that_answers_byte_by_byte_does_not_keep_it_from_looking_again(self) -> None:
        with mock.patch.object(channel_module, "CONNECT_SECONDS", 0.5):
            self.channel.port()
            connected, _ = self.server.accept()
        self.addCleanup(connected.close)
        over = threading.Event()
        self.addCleanup(over.set)

        def drip() -> None:
            try:
                while not over.wait(0.05):
                    connected.sendall(b"x")
            except OSError:
                pass  # the site has closed it

        threading.Thread(target=drip, daemon=True).start()
        self.assertTrue(until(lambda: not self.channel._is_connecting))

    def read_rest(self, connected: socket.socket) -> bytes:
        """Return what comes before the end; a connection that is reset has ended, too."""
        try:
            return connected.recv(1000)
        except ConnectionResetError:
            return b""
        finally:
            connected.close()

    def test_while_it_waits_for_the_proof_no_request_waits(self) -> None:
        self.channel.port()
        connected, _ = self.server.accept()
        self.addCleanup(connected.close)
        done = threading.Event()
        threading.Thread(
            target=lambda: (self.channel.port(), self.channel.send({"a": 1}), done.set())
        ).start()
        self.assertTrue(done.wait(2))
