/**
 * What happens to a session from request to response, whatever the framework: Django's SessionMiddleware.
 *
 * An adapter calls `openSession` with facts of the request, hands `opened.session` to the handler, holds the response's
 * head and body when the handler ends it, calls `opened.close` with facts of the response, applies what that says, and
 * only then lets the response go.
 */
import { addVaryCookie, readCookie } from "./cookie.ts";
import { type WrittenCookie, writeDeletion, writeKeyCookie } from "./cookie-writer.ts";
import { isSessionError } from "./errors.ts";
import type { ObservedSession, RequestFacts } from "./observer.ts";
import { observeRequest } from "./observing.ts";
import type { Session, SessionData } from "./session.ts";
import { SessionCore } from "./session-core.ts";
import { toSession } from "./session-proxy.ts";
import type { Sessions } from "./sessions.ts";
import { fetchStored, saveSession } from "./storage.ts";

/** Facts of a request. */
export interface IncomingFacts extends RequestFacts {
  /** The `Cookie` header, several joined by `; `; absent when there is none. */
  cookieHeader: string | undefined;
}

/** Facts of the response that is about to be sent. */
export interface OutgoingFacts {
  status: number;
  /** The `Vary` header so far; several lines joined by `, `; null when there is none. */
  vary: string | null;
  /** The `Set-Cookie` lines so far. One of the session's own name is replaced. */
  setCookie: readonly string[];
}

/** What is to be changed about the response. Null: leave the header as it is. */
export interface Closed {
  /** Not null: the session was deleted meanwhile. Send this instead, with none of the handler's headers and body. */
  instead: { status: 400; body: string } | null;
  vary: string | null;
  /** The complete list of `Set-Cookie` lines. */
  setCookie: readonly string[] | null;
}

/** A request's session, between `openSession` and the end of the response. */
export interface Opened<Data = SessionData> {
  /** The session for the handler. Another object after `regenerate`, so adapters give it out by a getter. */
  readonly session: Session<Data>;
  /**
   * True when `close` may be left out as long as nobody read `session`: it would change nothing. (False with
   * observers, with `saveEveryRequest`, and for a cookie that is to be deleted whatever happens.)
   */
  readonly idle: boolean;
  /**
   * Saves, deletes or leaves the session, as Django's middleware does. Synchronous when the store is not needed. Call once.
   * Rejects, or throws, when the store failed: then answer with the framework's own 500.
   */
  close(facts: OutgoingFacts): Closed | Promise<Closed>;
}

/**
 * DevTools ask this of every origin, without its cookies: a session made for them would be nobody's.
 *
 * @source Chrome's automatic workspace folders
 */
const DEVTOOLS_PATH = "/.well-known/appspecific/com.chrome.devtools.json";
const NOTHING: Closed = { instead: null, vary: null, setCookie: null };
const GONE =
  "The session was deleted before this request was done, perhaps by a logout in another one. Nothing was saved.\n";

/** Called by an adapter when a request comes in. A promise only when the engine has to be asked before the handler. */
export function openSession<Data>(
  sessions: Sessions<Data>,
  facts: IncomingFacts,
): Opened<Data> | Promise<Opened<Data>> {
  const cookie = readCookie(facts.cookieHeader, sessions.settings.cookieName);
  const opened = new OpenRequest<Data>(sessions, facts, cookie);
  if (cookie === undefined || sessions.settings.load === "lazy" || sessions.engine.loadSync !== undefined)
    return opened;
  return opened.fetch();
}

class OpenRequest<Data> implements Opened<Data> {
  readonly #sessions: Sessions<Data>;
  readonly #facts: IncomingFacts;
  readonly #cookie: string | undefined;
  #core: SessionCore;
  #session: Session<Data> | null = null;

  constructor(sessions: Sessions<Data>, facts: IncomingFacts, cookie: string | undefined) {
    this.#sessions = sessions;
    this.#facts = facts;
    this.#cookie = cookie;
    this.#core = this.#newCore(cookie ?? null);
    this.#core.observation = observeRequest(sessions, facts);
  }

  get idle(): boolean {
    const toBeDeleted = this.#cookie !== undefined && this.#core.key === null;
    return !toBeDeleted && !this.#sessions.settings.saveEveryRequest && this.#core.observation === undefined;
  }

  get session(): Session<Data> {
    this.#session ??= toSession<Data>(this.#core);
    return this.#session;
  }

  async fetch(): Promise<this> {
    await fetchStored(this.#core);
    return this;
  }

  close(facts: OutgoingFacts): Closed | Promise<Closed> {
    const core = this.#core;
    core.ended = true;
    if (core.queue.busy) return this.#closeAfterQueue(facts);
    return this.#decide(facts);
  }

  async #closeAfterQueue(facts: OutgoingFacts): Promise<Closed> {
    try {
      await this.#core.queue.drain();
    } catch (error) {
      return this.#fail(error);
    }
    return this.#decide(facts);
  }

  /** The order of these steps is Django's, and so is what each of them looks at. */
  #decide(facts: OutgoingFacts): Closed | Promise<Closed> {
    const core = this.#core;
    const { settings } = this.#sessions;
    if (!core.modified && core.data?.isChanged() === true) core.modified = true;
    const { accessed, modified } = core;
    const empty = core.isEmpty();
    if (this.#cookie !== undefined && empty) {
      const cookie = writeDeletion(settings);
      this.#end(facts.status, null, cookie, null);
      return this.#closed(facts, true, cookie);
    }
    if ((!modified && !settings.saveEveryRequest) || empty) {
      this.#end(facts.status, this.#stored(), null, null);
      return this.#closed(facts, accessed, null);
    }
    if (this.#isDevTools()) {
      core.report("not-saved", 0, "asked for by DevTools itself");
      this.#end(facts.status, null, null, core.data?.draft().contents.json ?? null);
      return this.#closed(facts, accessed, null);
    }
    if (facts.status >= 500) {
      core.report("not-saved", 0, `status ${facts.status}`);
      const unsaved = core.data?.isChanged() === true ? core.data.draft().contents.json : null;
      this.#end(facts.status, this.#stored(), null, unsaved);
      return this.#closed(facts, accessed, null);
    }
    return this.#save(facts);
  }

  async #save(facts: OutgoingFacts): Promise<Closed> {
    const core = this.#core;
    const { settings, clock } = this.#sessions;
    try {
      await fetchStored(core);
      const ageSeconds = core.getExpireAtBrowserClose() ? null : core.getExpiryAge();
      const nowMs = clock();
      await saveSession(core);
      const cookie = writeKeyCookie(settings, core.key ?? "", ageSeconds, nowMs);
      this.#end(facts.status, this.#stored(), cookie, null);
      return this.#closed(facts, true, cookie);
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** A session that is gone is the visitor's affair; anything else is the operator's. */
  #fail(error: unknown): Closed {
    const unsaved = this.#core.data?.isChanged() === true ? this.#core.data.base.json : null;
    if (!isSessionError(error, "session-gone")) {
      this.#core.report("not-saved", 0, "the store failed");
      this.#end(500, null, null, unsaved);
      throw error;
    }
    this.#core.report("reject", 0, "deleted meanwhile");
    this.#end(400, null, null, unsaved);
    return { instead: { status: 400, body: GONE }, vary: null, setCookie: null };
  }

  #closed(facts: OutgoingFacts, varies: boolean, cookie: WrittenCookie | null): Closed {
    if (!varies && cookie === null) return NOTHING;
    const vary = varies ? addVaryCookie(facts.vary) : null;
    if (cookie === null) return { instead: null, vary, setCookie: null };
    const prefix = `${this.#sessions.settings.cookieName}=`;
    const others = facts.setCookie.filter((line) => !line.startsWith(prefix));
    return { instead: null, vary, setCookie: [...others, cookie.line] };
  }

  #isDevTools(): boolean {
    return this.#cookie === undefined && this.#facts.path === DEVTOOLS_PATH;
  }

  #newCore(key: string | null): SessionCore {
    const core = new SessionCore(this.#sessions, key);
    core.renew = () => this.#renew(core);
    return core;
  }

  /** `regenerate`: the handler's next look at its session finds a new one. */
  #renew(old: SessionCore): SessionCore {
    const core = this.#newCore(null);
    core.observation = old.observation;
    this.#core = core;
    this.#session = null;
    return core;
  }

  #stored(): ObservedSession | null {
    const { key, data, text, expiresAtMs, observation } = this.#core;
    if (observation === undefined || key === null || data === null || text === null) return null;
    return { key, json: data.base.json, stored: text, expiresAtMs };
  }

  #end(
    status: number,
    after: ObservedSession | null,
    cookie: WrittenCookie | null,
    unsaved: string | null,
  ): void {
    const { observation, accessed, modified, conflicts } = this.#core;
    if (observation === undefined) return;
    const seen = { status, accessed, modified, after, unsaved, conflictKeys: [...conflicts] };
    observation.ended({ ...seen, cookie: cookie?.observed ?? null });
  }
}
