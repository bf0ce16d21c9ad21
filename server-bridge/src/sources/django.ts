/**
 * The bridge's source for a Django site: its own table and secret, read and written beside it.
 *
 * There are no traces, since Django's requests do not pass here: the panel takes readings instead. Everything else is as
 * with this library's own sessions, for the rows are the same.
 */
import { database } from "../engines/database.ts";
import { createSessions, type SessionsOptions } from "../sessions.ts";
import { ownSource } from "./own.ts";
import type { Source } from "./source.ts";

/** The Django site's own settings, as far as its sessions depend on them. */
export interface DjangoSourceOptions
  extends Pick<
    SessionsOptions,
    | "secretKey"
    | "cookieName"
    | "cookieAge"
    | "cookieDomain"
    | "cookiePath"
    | "cookieSecure"
    | "expireAtBrowserClose"
    | "useTz"
    | "timeZone"
    | "salt"
    | "clock"
    | "log"
  > {
  /** `sqlite:db.sqlite3`, `postgres://…`, `mysql://…`: the database that holds `django_session`. */
  database: string;
  /** The site's origins, `http://localhost:8000`. */
  serves: readonly string[];
  /** Django's version, where it is known. */
  version?: string;
}

/** A source over a Django site's `django_session` table, and what closes its connections. */
export function djangoSource({ database: address, serves, version, ...settings }: DjangoSourceOptions): {
  source: Source;
  close(): Promise<void>;
} {
  const sessions = createSessions({ djangoDefaults: true, ...settings, engine: database(address) });
  const { observe: _, ...own } = ownSource(sessions);
  const source: Source = {
    ...own,
    library: { name: "Django", version: version ?? "unknown" },
    capabilities: own.capabilities.filter((name) => name !== "traces"),
    serves,
  };
  return { source, close: () => sessions.close() };
}
