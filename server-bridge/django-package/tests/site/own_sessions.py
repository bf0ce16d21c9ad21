"""A site's own engine, in memory. As some do, it creates a session while it loads one that is not there."""

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError

stored = {}
#: The key of each save.
saves = []


class SessionStore(SessionBase):
    """Sessions in a dictionary, as encoded strings."""

    def exists(self, session_key):
        """See Django's ``SessionBase``."""
        return session_key in stored

    def create(self):
        """See Django's ``SessionBase``."""
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)

    def save(self, must_create=False):
        """See Django's ``SessionBase``."""
        if self.session_key is None:
            return self.create()
        data = self._get_session(no_load=must_create)
        if must_create and self.session_key in stored:
            raise CreateError
        if not must_create and self.session_key not in stored:
            raise UpdateError
        stored[self.session_key] = self.encode(data)
        saves.append(self.session_key)

    def delete(self, session_key=None):
        """See Django's ``SessionBase``."""
        stored.pop(self.session_key if session_key is None else session_key, None)

    def load(self):
        """See Django's ``SessionBase``."""
        text = stored.get(self.session_key)
        if text is None:
            self.create()
            return {}
        self._session_cache = data = self.decode(text)
        self.save()  # prolongs it
        return data
