"""The table, as Django's documentation shows it: a subclass of the abstract session."""

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession


class VisitorSession(AbstractBaseSession):
    @classmethod
    def get_session_store_class(cls):
        from own_table.backend import SessionStore

        return SessionStore

    class Meta:
        db_table = settings.OWN_TABLE
