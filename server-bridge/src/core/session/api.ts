/** The session as a handler sees it: Django's API in camelCase, and index access to the data. */
import type { Expiry } from "../django/expiry.ts";

/** @deprecated Renamed to `SessionShape`; until the next version, what is declared here also applies there. */
// biome-ignore lint/suspicious/noEmptyInterface: it is empty so that applications can extend it
export interface SessionData {}

/**
 * Declare the names and types of your session's data here, by declaration merging, or pass a type to `createSessions`.
 */
export interface SessionShape extends SessionData {}

/** Data without declared names: every key may hold anything that JSON can. */
type Loose<Data> = keyof Data extends never ? Record<string, unknown> : Data;

/** Keys of the data. */
type DataKey<Data> = keyof Loose<Data> & string;

/** The value under a key. */
type DataValue<Data, Key extends DataKey<Data>> = Loose<Data>[Key];

/** What `getExpiryAge` and `getExpiryDate` use instead of the session's own values. */
export interface ExpiryQuestion {
  /** The time of last modification. Default: now. */
  modification?: Date;
  /** Use this expiry, and do not look into the session. */
  expiry?: Expiry;
}

/**
 * Django's session API. Reading and writing data is synchronous. Storage methods return promises. The response waits
 * for those that you do not await, and fails if they fail.
 */
export interface SessionApi<Data = SessionShape> {
  /** True once the data was read or changed; makes the response vary by cookie. */
  accessed: boolean;
  /**
   * True once the data was changed. Changes deep inside a value are detected without it. Set it to true to force a
   * save.
   */
  modified: boolean;
  /** The current key, or null before the first save. */
  readonly sessionKey: string | null;

  /**
   * The value under `key`, otherwise `fallback`, otherwise undefined. Values are live: changing one in place changes
   * the session.
   */
  get<Key extends DataKey<Data>>(key: Key): DataValue<Data, Key> | undefined;
  get<Key extends DataKey<Data>, Other>(key: Key, fallback: Other): DataValue<Data, Key> | Other;
  /** Sets a value. `undefined` deletes the key, just as JSON would leave it out. */
  set<Key extends DataKey<Data>>(key: Key, value: DataValue<Data, Key> | undefined): void;
  has(key: string): boolean;
  /** Deletes a key. Returns false, and modifies nothing, if it does not exist. */
  delete(key: string): boolean;
  /** Deletes a key and returns its value, otherwise `fallback`, otherwise undefined. */
  pop<Key extends DataKey<Data>>(key: Key): DataValue<Data, Key> | undefined;
  pop<Key extends DataKey<Data>, Other>(key: Key, fallback: Other): DataValue<Data, Key> | Other;
  /** The value under `key`; if there is none, sets `value` first. */
  setDefault<Key extends DataKey<Data>>(key: Key, value: DataValue<Data, Key>): DataValue<Data, Key>;
  /** Sets many values at once; always counts as a modification, even for `{}`. */
  update(values: Partial<Loose<Data>>): void;
  /**
   * Sets `key` to the result of `change` for its value. If another request saved first, `change` runs again on the
   * value which that request left, so nothing is lost: `session.change("visits", (n = 0) => n + 1)`. If the value is
   * changed in place afterwards, it counts as set.
   */
  change<Key extends DataKey<Data>>(
    key: Key,
    change: (value: DataValue<Data, Key> | undefined) => DataValue<Data, Key> | undefined,
  ): void;
  keys(): string[];
  values(): unknown[];
  entries(): [string, unknown][];
  /** A plain copy of the data. */
  toJSON(): Record<string, unknown>;
  /** Removes all data, without loading any. The key and the stored session remain until `flush`. */
  clear(): void;
  /** True if there is neither a key nor data. Loads nothing. */
  isEmpty(): boolean;

  setTestCookie(): void;
  testCookieWorked(): boolean;
  /** Removes the test cookie. Throws `SessionError("key-missing")` if none was set. */
  deleteTestCookie(): void;

  /** Sets when this session expires: see `Expiry`. Null returns it to the settings' policy. */
  setExpiry(expiry: Expiry): void;
  /** Django's `get_expiry_age`: seconds from last modification to the expiry. The whole period, not the time left. */
  getExpiryAge(question?: ExpiryQuestion): number;
  /** When the session would expire if it were saved now. */
  getExpiryDate(question?: ExpiryQuestion): Date;
  getExpireAtBrowserClose(): boolean;

  /** Removes the data and the stored session; the next save takes a new key. Call it to log out. */
  flush(done?: Done): Promise<void>;
  /** Moves the data to a new key and deletes the old session. Call it to log in. */
  cycleKey(done?: Done): Promise<void>;
  /** Loads now, without counting as an access. Needed before the first use only with the setting `load: "lazy"`. */
  load(done?: Done): Promise<void>;
  /** Stores now. The response does so by itself. The callback is for passport and similar libraries. */
  save(options?: { mustCreate?: boolean } | Done): Promise<void>;
  /** Stores the data under a new key, leaving whatever an older key holds. */
  create(): Promise<void>;
  /** Deletes the stored session of `key`, by default of this session; the data in this object remains. */
  deleteStored(key?: string): Promise<void>;
  /** True if a session is stored under `key`, expired or not. */
  exists(key: string): Promise<boolean>;
  /**
   * For passport and similar libraries: `request.session` becomes a new, empty session; the old one is deleted from the
   * store.
   */
  regenerate(done?: Done): Promise<void>;
}

/** Called when an operation has finished, as express-session's methods do: with the error, or with nothing. */
export type Done = (error?: unknown) => void;

/** What express-session has and this library does not: an error that names what to write instead. */
interface ExpressMembers {
  readonly id: Instead<"session.id is express-session's. Read session.sessionKey.">;
  readonly cookie: Instead<"session.cookie is express-session's. Call session.setExpiry(seconds) and session.getExpiryAge().">;
  readonly destroy: Instead<"session.destroy is express-session's. Call await session.flush().">;
  readonly reload: Instead<"session.reload is express-session's. Call sessions.open(session.sessionKey), then await its load().">;
  readonly touch: Instead<"session.touch is express-session's. Set session.modified = true.">;
  readonly resetMaxAge: Instead<"session.resetMaxAge is express-session's. Set session.modified = true.">;
}

/** A type that nothing can be done with: the compiler's error shows its message. */
type Instead<Message extends string> = { readonly [instead in Message]: never };

/** A name of express-session's. Data may have it, too. */
export type ExpressMember = keyof ExpressMembers;

/** Names that index access cannot use; `get` and `set` can. */
type ReservedName = keyof SessionApi | ExpressMember;

/** A session: Django's API, and the data by index: `session['user_id'] = 123`. */
export type Session<Data = SessionShape> = SessionApi<Data> &
  Partial<Omit<Loose<Data>, ReservedName>> &
  ExpressMembers;
