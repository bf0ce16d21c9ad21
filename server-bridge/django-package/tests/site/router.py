"""Sends every query to the database that a test has chosen."""


class Router:
    """Uses ``alias`` for reading and writing."""

    alias = "default"

    def db_for_read(self, model, **hints):
        """See Django's database routers."""
        return Router.alias

    def db_for_write(self, model, **hints):
        """See Django's database routers."""
        return Router.alias
