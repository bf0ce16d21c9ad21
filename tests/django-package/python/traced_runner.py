"""
Runs Django's own tests and writes what became of each to the file TRACED_REPORT.

TRACED is `no` for Django as it is, `wrapped` for the package's wrapping without a request, and `recorded` for a request in hand for
each session that a test makes, so that everything the test does to it is recorded.
"""

import json
import logging
import os
import unittest
from collections import Counter
from importlib import import_module

from django.http import HttpRequest, HttpResponse
from django.test.runner import DiscoverRunner

BACKENDS = ("db", "cached_db", "file", "cache", "signed_cookies")
MODE = os.environ["TRACED"]

outcomes = {}
operations = Counter()
records = []
#: What the package logged: each would be a request that could not be traced.
complaints = []


class Outcomes(unittest.TextTestResult):
    """Remembers how each test ended."""

    def startTest(self, test):
        """Take it as passed until something else is known."""
        super().startTest(test)
        outcomes[test.id()] = "passed"

    def stopTest(self, test):
        """Report the requests of this test, as the middleware does after a response."""
        super().stopTest(test)
        for record in records:
            operations.update(one["name"] for one in record.finish(HttpResponse())["operations"])
        records.clear()

    def addError(self, test, error):
        """Also called for an error outside of a test."""
        super().addError(test, error)
        outcomes[test.id()] = "error"

    def addFailure(self, test, error):
        """Remember the failure."""
        super().addFailure(test, error)
        outcomes[test.id()] = "failed"

    def addSubTest(self, test, subtest, error):
        """Called for each part of a test; one that failed fails it."""
        super().addSubTest(test, subtest, error)
        if error is not None:
            outcomes[test.id()] = "failed"

    def addSkip(self, test, reason):
        """Remember that it did not run."""
        super().addSkip(test, reason)
        outcomes[test.id()] = "skipped"

    def addExpectedFailure(self, test, error):
        """Remember that it failed as Django expects."""
        super().addExpectedFailure(test, error)
        outcomes[test.id()] = "expected failure"

    def addUnexpectedSuccess(self, test):
        """Remember that it should have failed."""
        super().addUnexpectedSuccess(test)
        outcomes[test.id()] = "unexpected success"


class Complaints(logging.Handler):
    """Keeps what the package logs."""

    def emit(self, record):
        """Keep one."""
        complaints.append(record.getMessage())


class TracedRunner(DiscoverRunner):
    """Django's runner, with the wrapping that is asked for."""

    def get_resultclass(self):
        """Give the class that remembers."""
        return Outcomes

    def run_suite(self, suite, **kwargs):
        """Wrap, run, and write the report."""
        logging.getLogger("session_bridge").addHandler(Complaints())
        if MODE != "no":
            wrap_all()
        if MODE == "recorded":
            record_all()
        result = super().run_suite(suite, **kwargs)
        with open(os.environ["TRACED_REPORT"], "w") as report:
            said = {"outcomes": outcomes, "operations": operations, "complaints": complaints}
            json.dump(said, report)
        return result


def wrap_all():
    """Wrap the class of every engine of Django's, and the one that its tests derive."""
    from session_bridge.watch import wrap

    for name in BACKENDS:
        wrap(import_module(f"django.contrib.sessions.backends.{name}").SessionStore)
    wrap(import_module("sessions_tests.models").SessionStore)


def record_all():
    """Put each session that is made into the hand of its own request."""
    from django.contrib.sessions.backends.base import SessionBase
    from session_bridge.record import Record, current

    original = SessionBase.__init__

    def init_with_request(self, *args, **kwargs):
        request = HttpRequest()
        request.session = self
        record = Record(request)
        records.append(record)
        current.set(record)
        original(self, *args, **kwargs)

    SessionBase.__init__ = init_with_request
