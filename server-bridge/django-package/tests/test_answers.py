"""The lines between the command and the bridge: every call is answered, and no bad one ends the rest."""

from __future__ import annotations

import io
import json
import os
import unittest
from typing import Any
from unittest import mock

from django.contrib.sessions.models import Session
from django.db import connections
from session_bridge.answers import answer_all, answer_line
from session_bridge.originals import MAX_BYTES, MAX_SESSIONS, Originals

from .store_kit import StoreTest


class AnswersTest(StoreTest):
    """``answer_all`` and ``answer_line``."""

    def ask(self, *calls: Any) -> list[dict[str, Any]]:
        """Send lines, objects as JSON, and return what is answered."""
        lines = [call if isinstance(call, bytes) else json.dumps(call).encode() + b"\n" for call in calls]
        answers = io.BytesIO()
        answer_all(self.edits, io.BytesIO(b"".join(lines)), answers)
        return [json.loads(line) for line in answers.getvalue().splitlines()]

    def test_answers_every_call_in_order(self) -> None:
        seen = self.seen()
        moved = {"kind": "seconds", "seconds": 60}
        answers = self.ask(
            {"id": 1, "call": "stored", "key": self.key},
            {"id": 2, "call": "read", "key": self.key},
            {"id": 3, "call": "replace", "key": self.key, "json": '{"a":1}', "ifStored": seen},
            {"id": 4, "call": "expiry", "key": self.key, "change": moved, "ifStored": '{"a":1}'},
            {"id": 5, "call": "cycle", "key": self.key, "ifStored": '{"a":1,"_session_expiry":60}'},
            {"id": 6, "call": "flush", "key": self.key, "ifStored": "{}"},
            {"id": 7, "call": "prove", "cookie": self.key},
        )
        self.assertEqual([one["id"] for one in answers], [1, 2, 3, 4, 5, 6, 7])
        contents = [one["answer"] for one in answers]
        self.assertEqual(contents[0], {"stored": True})
        self.assertEqual(contents[1]["view"]["stored"], seen)
        self.assertTrue(all(one["ok"] for one in contents[2:5]), contents)
        self.assertEqual(contents[5:], [{"ok": False, "reason": "gone"}, {"key": None}])
        copy = contents[2]["before"]
        restore = {"call": "restore", "copy": copy, "replaces": contents[4]["after"]["key"]}
        answers = self.ask({"id": 8, **restore, "ifStored": None}, {"id": 9, **restore})
        self.assertEqual([one["answer"]["ok"] for one in answers], [True, True])
        self.assertEqual(self.load(), self.data)

    def test_an_answer_that_is_too_long_for_the_bridge_is_an_error(self) -> None:
        with mock.patch("session_bridge.answers.MAX_LINE", 50):
            answers = self.ask(
                {"id": 1, "call": "read", "key": self.key}, {"id": 2, "call": "stored", "key": self.key}
            )
        self.assertEqual(
            answers, [{"id": 1, "error": "SessionTooLong"}, {"id": 2, "answer": {"stored": True}}]
        )

    def test_a_bad_call_does_not_end_the_rest(self) -> None:
        answers = self.ask(
            b"nonsense\n",
            b"\xff\xfe\n",
            b"[]\n",
            b"[" * 100_000 + b"\n",
            {"call": "read"},
            {"id": 1},
            {"id": 2, "call": "os.system", "key": self.key},
            {"id": 3, "call": "read"},
            {"id": 4, "call": "read", "key": 5},
            {"id": 5, "call": "replace", "key": self.key, "json": "{", "ifStored": self.seen()},
            {"id": 6, "call": "replace", "key": self.key, "json": "[]", "ifStored": self.seen()},
            {
                "id": 7,
                "call": "expiry",
                "key": self.key,
                "change": {"kind": "never"},
                "ifStored": self.seen(),
            },
            {
                "id": 8,
                "call": "restore",
                "copy": {"key": self.key, "json": "[]", "expiresAt": None},
                "replaces": None,
            },
            {
                "id": 9,
                "call": "restore",
                "copy": {"key": self.key, "json": "{}", "expiresAt": "x"},
                "replaces": None,
            },
            {"id": 10, "call": "read", "key": self.key},
        )
        self.assertEqual([one["id"] for one in answers], list(range(1, 11)))
        self.assertEqual([sorted(one) for one in answers], [["error", "id"]] * 9 + [["answer", "id"]])
        self.assertEqual(self.load(), self.data)

    def test_says_no_more_of_an_error_than_its_class(self) -> None:
        table = Session._meta.db_table
        with connections["default"].schema_editor() as editor:
            editor.alter_db_table(Session, table, "elsewhere")
        try:
            answer = self.ask({"id": 1, "call": "read", "key": self.key})
        finally:
            with connections["default"].schema_editor() as editor:
                editor.alter_db_table(Session, "elsewhere", table)
        self.assertEqual(answer, [{"id": 1, "error": "OperationalError"}])

    def test_ends_when_no_one_reads_the_answers(self) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        call = json.dumps({"id": 1, "call": "stored", "key": self.key}).encode() + b"\n"
        with os.fdopen(writing, "wb", buffering=0) as closed:
            answer_all(self.edits, io.BytesIO(call * 3), closed)

    def test_keeps_no_query_in_memory(self) -> None:
        connections["default"].force_debug_cursor = True
        try:
            self.ask({"id": 1, "call": "read", "key": self.key})
            self.assertEqual(list(connections["default"].queries_log), [])
        finally:
            connections["default"].force_debug_cursor = False


class RestartLaw:
    """A server that was restarted while the command was idle."""

    #: The statement that ends a connection, and the one that names it.
    ends = ""
    names = ""

    def test_the_next_call_is_answered(self: Any) -> None:
        connection = connections[self.database]
        connection.settings_dict["CONN_MAX_AGE"] = None
        self.addCleanup(connection.settings_dict.__setitem__, "CONN_MAX_AGE", 0)
        connection.close()
        line = json.dumps({"id": 1, "call": "stored", "key": self.key}).encode()
        self.assertEqual(json.loads(answer_line(self.edits, line)), {"id": 1, "answer": {"stored": True}})
        with connection.cursor() as cursor:
            cursor.execute(self.names)
            name = cursor.fetchone()[0]
        other = connection.copy()
        with other.cursor() as cursor:
            cursor.execute(self.ends % name)
        other.close()
        seen = '{"cart":["boots"],"n":1.0,"name":"\\u00c5d\\u00e4"}'
        edit = json.dumps({"id": 2, "call": "cycle", "key": self.key, "ifStored": seen}).encode()
        self.assertTrue(json.loads(answer_line(self.edits, edit))["answer"]["ok"])
        connection.close()


class PostgresRestartTest(RestartLaw, StoreTest):
    """PostgreSQL."""

    database = "postgres"
    names = "SELECT pg_backend_pid()"
    ends = "SELECT pg_terminate_backend(%d)"


class MariadbRestartTest(RestartLaw, StoreTest):
    """MariaDB."""

    database = "mariadb"
    names = "SELECT CONNECTION_ID()"
    ends = "KILL %d"


class OriginalsTest(unittest.TestCase):
    """What the command remembers of sessions that JSON says only in part."""

    def test_remembers_a_bounded_number_of_sessions(self) -> None:
        originals = Originals()
        for number in range(MAX_SESSIONS + 1):
            originals.keep(str(number), "[]", (number,))
        self.assertIsNone(originals.find("0", "[]"))
        self.assertEqual(originals.find("1", "[]"), (1,))

    def test_remembers_a_bounded_number_of_bytes(self) -> None:
        originals = Originals()
        for number in range(5):
            originals.keep(str(number), "[]", (b"x" * (MAX_BYTES // 4),))
        found = [originals.find(str(number), "[]") is not None for number in range(5)]
        self.assertEqual(found, [False, False, True, True, True])

    def test_does_not_remember_what_json_says_in_full(self) -> None:
        originals = Originals()
        originals.keep("a", '{"a":[1]}', {"a": [1]})
        self.assertIsNone(originals.find("a", '{"a":[1]}'))
