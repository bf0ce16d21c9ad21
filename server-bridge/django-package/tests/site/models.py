"""A site's own session model, as Django's documentation has it: with the account in another column."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class AccountSession(AbstractBaseSession):
    """A session, and whose it is."""

    account_id = models.IntegerField(null=True, db_index=True)
    note = models.CharField(max_length=20, default="")

    @classmethod
    def get_session_store_class(cls):
        """See Django's documentation."""
        from .account_sessions import SessionStore

        return SessionStore
