"""SESSION_ENGINE of a site with its own table."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls):
        from own_table.models import VisitorSession

        return VisitorSession
