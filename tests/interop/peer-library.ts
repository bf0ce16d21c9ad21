/** What the peer drives: a library for each engine, with the clock, keys and settings that the pipe gives. */
import { createSessions, type Sessions } from "../../server-bridge/src/core/sessions.ts";
import { type Codec, createCodec } from "../../server-bridge/src/core/signing/codec.ts";
import { createSigner } from "../../server-bridge/src/core/signing/signer.ts";
import type { openSession, SettingsInput } from "../../server-bridge/src/index.ts";
import { type AnySession, stateBehind } from "./peer-session.ts";
import { toSettings } from "./peer-settings.ts";
import { type Place, requireCache, Stores, toPlace } from "./peer-stores.ts";
import { type PeerRequest, PythonError } from "./peer-wire.ts";

/** Session data of any shape. */
export type AnyData = Record<string, unknown>;

/** The library as a session sees it. */
export interface Driven extends Sessions<AnyData> {
  readonly place: Place;
}

/** A session that the other side names by a number. */
export interface Handle {
  session: AnySession;
  sessions: Driven;
  /** Present for a session of a request. */
  opened?: Awaited<ReturnType<typeof openSession<AnyData>>>;
  /** The request's Cookie header; absent if there was none. */
  cookieHeader?: string | undefined;
}

/** Libraries on the same stores, and the sessions that were opened with them. */
export class PeerLibrary {
  readonly stores: Stores;
  readonly #libraries = new Map<string, Sessions<AnyData>>();
  readonly #handles: Handle[] = [];
  /** Keys that are drawn next, in this order. */
  readonly keys: string[] = [];
  #settings: AnyData = {};
  #now = 0;
  #logs: object[] = [];

  readonly #beyond: Partial<SettingsInput>;

  /** @param beyond settings that Django does not have, for the engines that can have them */
  constructor(databaseFile: string, beyond: Partial<SettingsInput> = {}) {
    this.stores = new Stores(databaseFile);
    this.#beyond = beyond;
  }

  /** Sets the clock, in seconds, and clears the log. */
  begin(now: number): void {
    this.#now = now;
    this.#logs = [];
  }

  /** What was logged since `begin`. */
  get logs(): object[] {
    return this.#logs;
  }

  /** Changes settings. Sessions that are already open follow. */
  configure(settings: AnyData): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#libraries.clear();
  }

  /** The cache in SESSION_CACHE_ALIAS. */
  get cacheAlias(): string {
    return toPlace("cache", this.#settings).alias;
  }

  /**
   * The library with Django's engine of this name. It follows later changes of the settings, because Django reads most of
   * them at each use; only the place of the store is fixed now.
   */
  on(engine: string): Driven {
    const place = toPlace(engine, this.#settings);
    requireCache(place, this.#settings["CACHES"] ?? undefined);
    this.#at(place); // settings that are wrong are reported now
    const get = (_: object, name: string | symbol) => {
      return name === "place" ? place : Reflect.get(this.#at(place), name);
    };
    return new Proxy({}, { get }) as Driven; // every member is the library's own
  }

  /** Django's encoding of stored sessions. Each of its engines has it, even if it does not use it. */
  get codec(): Codec {
    const { settings, clock } = this.on("signed_cookies"); // the engine that opens nothing
    const signer = createSigner(settings.secretKeys, settings.salt);
    return createCodec({ signer, clock, compression: "large" });
  }

  /** A session outside any request. */
  open(engine: string, key: string | null): Handle {
    const sessions = this.on(engine);
    const session = sessions.open(key);
    Object.assign(stateBehind(session), { context: sessions });
    return { sessions, session };
  }

  #at(place: Place): Sessions<AnyData> {
    const id = JSON.stringify(place);
    const known = this.#libraries.get(id);
    if (known !== undefined) return known;
    const { checked, unchecked } = toSettings(this.#settings);
    const sessions = createSessions<AnyData>({
      ...checked,
      ...(place.engine !== "signed_cookies" && this.#beyond),
      cookieName: place.prefix,
      engine: this.stores.engineAt(place),
      clock: () => this.#now * 1000,
      log: (line) => this.#log(line),
    });
    const draw = sessions.newKey;
    const newKey = () => this.keys.shift() ?? draw();
    const { cookieName = "sessionid" } = checked; // the engine has read the prefix of its files by now
    Object.assign(sessions.settings, unchecked, { cookieName });
    const made = Object.assign(sessions, { newKey });
    this.#libraries.set(id, made);
    return made;
  }

  /** Keeps a session; returns its number for later requests. */
  keep(kept: Handle): number {
    return this.#handles.push(kept) - 1;
  }

  /** The session that a request names. */
  handle({ h }: PeerRequest): Handle {
    const found = this.#handles[Number(h)];
    if (found === undefined) throw new PythonError("ValueError", `no handle ${String(h)}`);
    return found;
  }

  /** A session's state, as Django's tests read it; undefined if there is no such session. */
  stateOf(h: unknown): object | undefined {
    const handle = this.#handles[Number(h ?? Number.NaN)];
    if (handle === undefined) return undefined;
    const core = stateBehind(handle.session);
    const { accessed, modified, key } = core;
    return { accessed, modified, session_key: key, empty: core.isEmpty, loaded: core.data !== null };
  }

  #log(line: string): void {
    const corrupted = line.includes("Session data corrupted");
    this.#logs.push({
      logger: corrupted ? "django.security.SuspiciousSession" : "sessions",
      level: "WARNING",
      message: corrupted ? "Session data corrupted" : line,
    });
  }
}
