/**
 * The bridge's source for a Django site: its own table and secret, read and written from outside.
 *
 * Django's requests do not pass through here. There are traces only if the site reports its requests (`session_bridge` is
 * among its apps); otherwise the panel takes readings instead. Everything else works as with this library's own sessions,
 * because the rows are the same.
 */
import { database } from "../../core/engines/database.ts";
import { createSessions, type SessionsOptions } from "../../core/sessions.ts";
import { ownSource } from "../own/own.ts";
import { holdsMoment } from "../own/own-expiry.ts";
import type { Source, WriteResult } from "../source.ts";

/** The Django site's settings that its sessions depend on. */
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
  /** `sqlite:db.sqlite3`, `postgres://…`, `mysql://…`: the database that holds the sessions. */
  database: string;
  /** The table of a session class of the site's own: its model's `db_table`. Default `django_session`. */
  table?: string | undefined;
  /** Where the table is, as for `database()`. */
  schema?: string | undefined;
  /** The site's origins, `http://localhost:8000`. */
  serves: readonly string[];
  /** Django's version, if known. */
  version?: string;
  /** Takes what the site's processes report about their requests. Absent: there are no traces. */
  receive?: NonNullable<Source["receive"]>;
}

/** A key of Django's form that no session has. */
const UNUSED_KEY = "0".repeat(32);

/** The site writes its own cookies. What browsers refuse of them is no reason to show none of its sessions. */
const WRITES_NO_COOKIE = { cookieDomain: null, cookiePath: "/", cookieSecure: true } as const;

/** A source for a Django site's session table, and a function that closes its connections. */
export function djangoSource({
  database: address,
  table,
  schema,
  serves,
  version,
  receive,
  ...settings
}: DjangoSourceOptions): {
  source: Source;
  /** Reads once from the table. Rejects, with what to do, when there is no connection or no table. */
  check(): Promise<void>;
  close(): Promise<void>;
} {
  const sessions = createSessions({
    djangoDefaults: true,
    ...settings,
    ...WRITES_NO_COOKIE,
    engine: database(address, { table, schema }),
  });
  const { observe: _, ...own } = ownSource(sessions);
  const source: Source = {
    ...own,
    ...(keepsMoments(version) ? {} : withoutMoments(own)),
    library: { name: "Django", version: version ?? "unknown" },
    capabilities: own.capabilities.filter((name) => name !== "traces" || receive !== undefined),
    serves,
    ...(receive === undefined ? {} : { receive }),
  };
  return {
    source,
    async check() {
      await sessions.engine.exists(UNUSED_KEY);
    },
    close: () => sessions.close(),
  };
}

/** Django can store a date in a session from 4.1 on; earlier versions fail to save a session that contains one. */
function keepsMoments(version = "5"): boolean {
  const [major = 5, minor = 0] = version.split(".").map(Number);
  return major > 4 || (major === 4 && minor >= 1) || Number.isNaN(major);
}

function withoutMoments({ replace, changeExpiry }: Source): Pick<Source, "replace" | "changeExpiry"> {
  const unfit: WriteResult = {
    ok: false,
    reason: "unfit",
    why: "Django before 4.1 cannot save a session whose expiry is a date. Use seconds instead.",
  };
  return {
    replace: async (key, json, ifStored) =>
      holdsMoment(json) || !replace ? unfit : replace(key, json, ifStored),
    changeExpiry: async (key, change, ifStored) =>
      change.kind === "at" || !changeExpiry ? unfit : changeExpiry(key, change, ifStored),
  };
}
