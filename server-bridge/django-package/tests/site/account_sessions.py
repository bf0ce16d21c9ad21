"""The engine of ``AccountSession``."""

from django.contrib.sessions.backends.db import SessionStore as Rows


class SessionStore(Rows):
    """Stores the account in its column."""

    @classmethod
    def get_model_class(cls):
        """See Django's documentation."""
        from .models import AccountSession

        return AccountSession

    def create_model_instance(self, data):
        """See Django's documentation."""
        row = super().create_model_instance(data)
        account = data.get("_auth_user_id")
        row.account_id = None if account is None else int(account)
        return row
