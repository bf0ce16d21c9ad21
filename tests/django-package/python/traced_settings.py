"""Django's own settings for its tests on SQLite, with a runner that can trace their sessions."""

from test_sqlite import *  # noqa: F403

TEST_RUNNER = "traced_runner.TracedRunner"
