"""Serves the project over HTTP with the server that `runserver` uses, on a free port that it prints first.

`python3 serve.py migrate` lets Django create its table first; `python3 serve.py` uses the existing table.
It exits when its standard input closes, so it never outlives the test that started it.
"""

import os
import sys
import threading

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"

import django
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


application = get_wsgi_application()
if "migrate" in sys.argv:
    call_command("migrate", verbosity=0, run_syncdb=True)  # apps without migrations, too
server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
server.set_app(application)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"{django.get_version()} {server.server_port}", flush=True)
sys.stdin.read()
