"""The manage.py that `startproject` creates."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loginsite.settings")

from django.core.management import execute_from_command_line  # noqa: E402

execute_from_command_line(sys.argv)
