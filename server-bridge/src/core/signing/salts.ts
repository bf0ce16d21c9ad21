/** Django's salts for sessions. Both sides must use the same. */

/** The salt of every engine with a store, derived from the name of Django's class. */
export const SESSION_SALT = "django.contrib.sessions.SessionStore";

/** The salt of sessions that are kept in the cookie. */
export const SIGNED_COOKIES_SALT = "django.contrib.sessions.backends.signed_cookies";
