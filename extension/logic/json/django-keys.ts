/**
 * What the keys that Django itself keeps in a session mean, for people who have never read its source.
 *
 * @source django/contrib/auth/__init__.py and views.py, contrib/messages/storage/session.py, middleware/csrf.py,
 * contrib/sessions/backends/base.py, utils/translation (before 4.0)
 */

interface DjangoKey {
  /** A few words next to the value. */
  meaning: string;
  /** A warning shown before someone edits it. */
  danger?: string;
}

const LOGS_OUT = "Changing this logs the user out.";

const KEYS: ReadonlyMap<string, DjangoKey> = new Map([
  ["_auth_user_id", { meaning: "primary key of the logged-in user", danger: LOGS_OUT }],
  ["_auth_user_backend", { meaning: "the class that logged the user in", danger: LOGS_OUT }],
  ["_auth_user_hash", { meaning: "ends the login when the password changes", danger: LOGS_OUT }],
  ["_messages", { meaning: "messages that the next page shows" }],
  ["_csrftoken", { meaning: "CSRF secret", danger: "Changing this makes open forms fail." }],
  ["_session_expiry", { meaning: "set_expiry: seconds or a datetime; 0 means at browser close" }],
  ["testcookie", { meaning: "set_test_cookie: shows that cookies work" }],
  ["_password_reset_token", { meaning: "token of a password reset in progress" }],
  ["_language", { meaning: "the visitor's language, before Django 4" }],
]);

/** What a top-level key means in Django; null for the app's own keys. */
export function meaningOf(key: string): string | null {
  return KEYS.get(key)?.meaning ?? null;
}

/** What editing a top-level key causes; null if nothing special. */
export function dangerOf(key: string): string | null {
  return KEYS.get(key)?.danger ?? null;
}
