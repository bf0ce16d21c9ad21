"""
The package's tests. Each module runs on a small Django site, which is made ready here.

Not in the processes that a test starts: they make the site ready themselves.
"""

import os

import django
from django.core.management import call_command

if "DJANGO_SETTINGS_MODULE" not in os.environ:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.site.settings"
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
