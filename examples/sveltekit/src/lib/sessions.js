/** The app's own sessions, one in a row. Its id is the hash of the token in the cookie: the table alone lets no one in. */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

const table = new DatabaseSync(process.env.DATABASE ?? "sessions.db");
table.exec("CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, user_id, username, theme, expires_at)");

export const toKey = (token) => createHash("sha256").update(token).digest("hex");

export function load(key) {
  const row = table.prepare("SELECT * FROM session WHERE id = ? AND expires_at > ?").get(key, Date.now());
  const { id, expires_at, ...data } = row ?? {};
  const session = row ? { data, expiresAt: expires_at } : null;
  for (const { loaded } of watching) loaded(key, session);
  return session;
}

export function save(key, session) {
  const { user_id, username, theme } = session.data;
  const row = [key, user_id, username, theme, Number(session.expiresAt)];
  table.prepare("REPLACE INTO session VALUES (?, ?, ?, ?, ?)").run(...row);
  for (const { saved } of watching) saved(key, session);
}

export function remove(key) {
  table.prepare("DELETE FROM session WHERE id = ?").run(key);
  for (const { deleted } of watching) deleted(key);
}

const watching = new Set();

export function watch(told) {
  watching.add(told);
  return () => watching.delete(told);
}
