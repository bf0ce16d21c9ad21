/** The session as a handler sees it: Django's API in camelCase, and index access to the data. */
import type { Expiry } from "../django/expiry.ts";

/** @deprecated Renamed to `SessionShape`; what is declared here counts there until the next version. */
// biome-ignore lint/suspicious/noEmptyInterface: it is empty so that applications can fill it
export interface SessionData {}

/** Add the names and types of your session's data here, by declaration merging, or pass a type to `createSessions`. */
export interface SessionShape extends SessionData {}

/** Data without declared names: every key may hold anything that JSON can. */
type Loose<Data> = keyof Data extends never ? Record<string, unknown> : Data;

/** Keys of the data. */
type DataKey<Data> = keyof Loose<Data> & string;

/** The value under a key. */
type DataValue<Data, Key extends DataKey<Data>> = Loose<Data>[Key];

/** What `getExpiryAge` and `getExpiryDate` reckon with. */
export interface ExpiryQuestion {
  /** The moment of last modification. Default now. */
  modification?: Date;
  /** Reckon with this expiry, and do not look into the session. */
  expiry?: Expiry;
}

/**
 * Django's session API. Reading and writing data is synchronous. Storage methods return promises; those left floating
 * are awaited before the response is sent, and their failure fails it.
 */
export interface SessionApi<Data = SessionShape> {
  /** True once the data were looked at or changed; makes the response vary by cookie. */
  accessed: boolean;
  /** True once the data were changed. A change deep inside a value is found without it. */
  modified: boolean;
  /** The key now in force, or null before the first save. */
  readonly sessionKey: string | null;

  /** The value under `key`, else `fallback`, else undefined. Values are live: changing one inside is a change. */
  get<Key extends DataKey<Data>>(key: Key): DataValue<Data, Key> | undefined;
  get<Key extends DataKey<Data>, Other>(key: Key, fallback: Other): DataValue<Data, Key> | Other;
  /** Sets a value. `undefined` deletes the key, as JSON would leave it out. */
  set<Key extends DataKey<Data>>(key: Key, value: DataValue<Data, Key> | undefined): void;
  has(key: string): boolean;
  /** Deletes a key; false, and nothing modified, when it is not there. */
  delete(key: string): boolean;
  /** Deletes a key and gives the value it had, else `fallback`, else undefined. */
  pop<Key extends DataKey<Data>>(key: Key): DataValue<Data, Key> | undefined;
  pop<Key extends DataKey<Data>, Other>(key: Key, fallback: Other): DataValue<Data, Key> | Other;
  /** The value under `key`; when there is none, sets `value` first. */
  setDefault<Key extends DataKey<Data>>(key: Key, value: DataValue<Data, Key>): DataValue<Data, Key>;
  /** Sets many at once; always a modification, also for `{}`. */
  update(values: Partial<Loose<Data>>): void;
  /**
   * Sets `key` to what `change` makes of its value. When another request saved first, `change` runs again on the value
   * which that request left, so nothing is lost: `session.change("visits", (n = 0) => n + 1)`.
   * Where the value was changed inside afterwards, it stands as if it were set.
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
  /** True when there is neither a key nor data. Looks at nothing else. */
  isEmpty(): boolean;

  setTestCookie(): void;
  testCookieWorked(): boolean;
  /** Throws `SessionError("key-missing")` when no test cookie was set. */
  deleteTestCookie(): void;

  /** Sets when this session ends; null returns it to the settings' policy. */
  setExpiry(expiry: Expiry): void;
  /** Django's `get_expiry_age`: seconds from last modification to the end. The whole period, not the time left. */
  getExpiryAge(question?: ExpiryQuestion): number;
  /** The moment of the end, if the session were saved now. */
  getExpiryDate(question?: ExpiryQuestion): Date;
  getExpireAtBrowserClose(): boolean;

  /** Removes the data and the stored session, and takes no key until the next save. For logging out. */
  flush(): Promise<void>;
  /** Moves the data to a new key and deletes the old session. For logging in. */
  cycleKey(): Promise<void>;
  /** Loads now, without counting as an access. Needed before the first touch only with the setting `load: "lazy"`. */
  load(): Promise<void>;
  /** Stores now. The response does so by itself. The callback is for passport and its like. */
  save(options?: { mustCreate?: boolean } | ((error?: unknown) => void)): Promise<void>;
  /** Stores the data under a new key, leaving what an older key holds. */
  create(): Promise<void>;
  /** Deletes the stored session of `key`, by default of this session; the data here remain. */
  deleteStored(key?: string): Promise<void>;
  /** True when a session is stored under `key`, expired or not. */
  exists(key: string): Promise<boolean>;
  /** For passport and its like: `request.session` becomes a new, empty session; the old one is deleted from the store. */
  regenerate(done?: (error?: unknown) => void): Promise<void>;
}

/** Names that index access cannot use; `get` and `set` can. */
type ReservedName = keyof SessionApi;

/** A session: Django's API, and the data by index: `session['user_id'] = 123`. */
export type Session<Data = SessionShape> = SessionApi<Data> & Partial<Omit<Loose<Data>, ReservedName>>;
