/** What the peer drives: a library for each engine, with the clock, keys and settings that the pipe gives. */
import { createSessions, type Sessions } from "../../server-bridge/src/core/sessions.ts";
import type { openSession } from "../../server-bridge/src/index.ts";
import { type AnySession, stateBehind } from "./peer-methods.ts";
import { toSettings } from "./peer-settings.ts";
import { openStores, type Stores, toEngine } from "./peer-stores.ts";
import type { PeerRequest } from "./peer-wire.ts";

/** Session data of any shape. */
export type AnyData = Record<string, unknown>;

/** A session that the other side names by a number. */
export interface Handle {
  session: AnySession;
  sessions: Sessions<AnyData>;
  /** Present for a session of a request. */
  opened?: Awaited<ReturnType<typeof openSession<AnyData>>>;
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

  constructor(databaseFile: string) {
    this.stores = openStores(databaseFile);
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

  /** Changes settings; libraries are created again with them. */
  configure(settings: AnyData): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#libraries.clear();
  }

  /** The library with Django's engine of this name. */
  on(engine: string): Sessions<AnyData> {
    const known = this.#libraries.get(engine);
    if (known !== undefined) return known;
    const { checked, unchecked } = toSettings(this.#settings);
    const sessions = createSessions<AnyData>({
      ...checked,
      engine: toEngine(engine, this.stores, this.#settings),
      clock: () => this.#now * 1000,
      log: (line) => this.#log(line),
    });
    const draw = sessions.newKey;
    const newKey = () => this.keys.shift() ?? draw();
    const made = Object.assign(sessions, { newKey, settings: Object.assign(sessions.settings, unchecked) });
    this.#libraries.set(engine, made);
    return made;
  }

  /** Keeps a session; returns its number for later requests. */
  keep(kept: Handle): number {
    return this.#handles.push(kept) - 1;
  }

  /** The session that a request names. */
  handle({ h }: PeerRequest): Handle {
    const found = this.#handles[Number(h)];
    if (found === undefined) throw new RangeError(`no handle ${String(h)}`);
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
