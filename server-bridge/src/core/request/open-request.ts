/**
 * One request's session from `openSession` to `close`: what Django's SessionMiddleware does when it processes a response.
 * A request that never looks at its session costs no session object.
 *
 * @source django/contrib/sessions/middleware.py process_response
 */

import type { SessionHolder } from "../../session-holder.ts";
import { addVaryCookie } from "../django/cookie.ts";
import { isSessionError } from "../errors.ts";
import { ObservedText } from "../observers/observe-request.ts";
import type { Observation, ObservedSession } from "../observers/observer.ts";
import type { Session } from "../session/api.ts";
import { saveWithCycle } from "../session/cycle.ts";
import { isTooShort } from "../session/key.ts";
import { toSession } from "../session/proxy.ts";
import { SessionCore } from "../session/state.ts";
import { fetchStored, isToBeFetched, saveSession } from "../session/write.ts";
import type { Sessions } from "../sessions.ts";
import type { Closed, IncomingFacts, Opened, OutgoingFacts } from "./open-session.ts";
import { type WrittenCookie, writeDeletion, writeKeyCookie } from "./session-cookie.ts";

/**
 * DevTools ask this of every origin, without its cookies: a session made for them would be nobody's.
 *
 * @source Chrome's automatic workspace folders
 */
const DEVTOOLS_PATH = "/.well-known/appspecific/com.chrome.devtools.json";
const NOTHING: Closed = { instead: null, vary: null, setCookie: null };
/** The status of a handshake that succeeds. */
const SWITCHING = 101;
const UNDELIVERED =
  "A session got a new key in a WebSocket's handshake, which cannot wait for the store: its cookie could not be sent. Make the session, and log in, by an ordinary request before.";
const GONE =
  "The session was deleted before this request was done, perhaps by a logout in another one. Nothing was saved.\n";

export class OpenRequest<Data> implements Opened<Data>, SessionHolder {
  shownIn: Opened<Data>["shownIn"] = null;
  readonly #sessions: Sessions<Data>;
  readonly #facts: IncomingFacts;
  readonly #cookie: string | undefined;
  readonly #observation: Observation | undefined;
  #core: SessionCore | null = null;
  #isOver = false;
  #session: Session<Data> | null = null;

  constructor(
    sessions: Sessions<Data>,
    facts: IncomingFacts,
    cookie: string | undefined,
    observation: Observation | undefined,
  ) {
    this.#sessions = sessions;
    this.#facts = facts;
    this.#cookie = cookie;
    this.#observation = observation;
  }

  get idle(): boolean {
    const core = this.#core;
    if (core !== null && (core.accessed || core.modified || core.busy)) return false;
    if (this.#sessions.settings.saveEveryRequest) return false;
    return this.#cookie === undefined || !isTooShort(this.#cookie);
  }

  get session(): Session<Data> {
    this.#session ??= toSession<Data>(this.#opened());
    return this.#session;
  }

  async fetch(): Promise<this> {
    await fetchStored(this.#opened());
    return this;
  }

  close(facts: OutgoingFacts): Closed | Promise<Closed> {
    this.#isOver = true;
    if (this.#core === null && this.idle) return NOTHING;
    const core = this.#opened();
    core.ended = true;
    if (!core.busy || this.#absorbsCycle(core, facts.status)) return this.#decide(core, facts);
    return this.#closeAfterQueue(core, facts);
  }

  async detach(): Promise<string | null> {
    const core = this.#core;
    if (core === null) return null;
    const keyBefore = this.#cookie ?? null;
    await core.queue.drain();
    const isChanged = core.modified || core.data?.isChanged() === true;
    if (isChanged && core.key === null && !core.isEmpty()) {
      this.#end(core, SWITCHING, null, null, unsavedIn(core));
      return `${UNDELIVERED} It was not stored.`;
    }
    if (core.key !== null && (isChanged || this.#sessions.settings.saveEveryRequest)) await saveSession(core);
    this.#end(core, SWITCHING, storedIn(core), null, null);
    return core.key === keyBefore || core.key === null ? null : UNDELIVERED;
  }

  /** True when the save to come can do what a `cycleKey` of this turn asked for. */
  #absorbsCycle({ deferred, queue }: SessionCore, status: number): boolean {
    return deferred !== null && queue.pending === 1 && this.#refusal(status) === null;
  }

  async #closeAfterQueue(core: SessionCore, facts: OutgoingFacts): Promise<Closed> {
    try {
      await core.queue.drain();
    } catch (error) {
      return this.#fail(core, error);
    }
    return this.#decide(core, facts);
  }

  /** The order of these steps is Django's, and so is what each of them looks at. */
  #decide(core: SessionCore, facts: OutgoingFacts): Closed | Promise<Closed> {
    const { settings } = this.#sessions;
    if (!core.modified && core.data?.isChanged() === true) core.modified = true;
    const { accessed, modified } = core;
    const empty = core.isEmpty();
    if (this.#cookie !== undefined && empty) {
      const cookie = writeDeletion(settings);
      this.#end(core, facts.status, null, cookie, null);
      return this.#closed(facts, true, cookie);
    }
    if ((!modified && !settings.saveEveryRequest) || empty) {
      this.#end(core, facts.status, storedIn(core), null, null);
      return this.#closed(facts, accessed, null);
    }
    const refusal = this.#refusal(facts.status);
    if (refusal === null) return this.#save(core, facts);
    core.report("not-saved", 0, refusal);
    this.#end(core, facts.status, storedIn(core), null, unsavedIn(core));
    return this.#closed(facts, accessed, null);
  }

  /** Why a changed session is not saved, or null when it is. */
  #refusal(status: number): string | null {
    if (status >= 500) return `status ${status}`;
    const byDevTools = this.#cookie === undefined && this.#facts.path === DEVTOOLS_PATH;
    return byDevTools ? "asked for by DevTools itself" : null;
  }

  async #save(core: SessionCore, facts: OutgoingFacts): Promise<Closed> {
    const { settings, clock } = this.#sessions;
    try {
      if (isToBeFetched(core)) await fetchStored(core);
      const ageSeconds = core.getExpireAtBrowserClose() ? null : core.getExpiryAge();
      const nowMs = clock();
      await (core.deferred === null ? saveSession(core) : saveWithCycle(core, core.deferred));
      const cookie = writeKeyCookie(settings, core.key ?? "", ageSeconds, nowMs);
      this.#end(core, facts.status, storedIn(core), cookie, null);
      return this.#closed(facts, true, cookie);
    } catch (error) {
      return this.#fail(core, error);
    }
  }

  /** A session that is gone is the visitor's affair; anything else is the operator's. */
  #fail(core: SessionCore, error: unknown): Closed {
    const unsaved = unsavedIn(core);
    if (!isSessionError(error, "session-gone")) {
      core.report("not-saved", 0, "the store failed");
      this.#end(core, 500, null, null, unsaved);
      throw error;
    }
    core.report("reject", 0, "deleted meanwhile");
    this.#end(core, 400, null, null, unsaved);
    return { instead: { status: 400, body: GONE }, vary: null, setCookie: null };
  }

  #closed(facts: OutgoingFacts, varies: boolean, cookie: WrittenCookie | null): Closed {
    if (!varies && cookie === null) return NOTHING;
    const vary = varies ? addVaryCookie(facts.vary) : null;
    if (cookie === null) return { instead: null, vary, setCookie: null };
    if (facts.setCookie.length === 0) return { instead: null, vary, setCookie: [cookie.line] };
    const prefix = `${this.#sessions.settings.cookieName}=`;
    const others = facts.setCookie.filter((line) => !line.startsWith(prefix));
    return { instead: null, vary, setCookie: [...others, cookie.line] };
  }

  renew(): SessionCore {
    const core = this.#newCore(null);
    this.#core = core;
    this.#session = null;
    this.shownIn?.set("session", this.session);
    return core;
  }

  #opened(): SessionCore {
    this.#core ??= this.#newCore(this.#cookie ?? null);
    return this.#core;
  }

  #newCore(key: string | null): SessionCore {
    const core = new SessionCore(this.#sessions, key);
    core.observation = this.#observation;
    core.ended = this.#isOver;
    core.holder = this;
    return core;
  }

  #end(
    core: SessionCore,
    status: number,
    after: ObservedSession | null,
    cookie: WrittenCookie | null,
    unsaved: string | null,
  ): void {
    if (this.#observation === undefined) return;
    const { accessed, modified, conflicts } = core;
    const seen = { status, accessed, modified, after, unsaved, conflictKeys: [...conflicts] };
    this.#observation.ended({ ...seen, cookie: cookie === null ? null : cookie.observe() });
  }
}

/** What the store holds, for whoever watches. */
function storedIn(core: SessionCore): ObservedSession | null {
  const { key, data, text, end, observation } = core;
  if (observation === undefined || key === null || data === null || text === null) return null;
  return new ObservedText(key, data.base.json, text, end);
}

/** What the handler left and nobody stored, for whoever watches. */
function unsavedIn({ observation, data }: SessionCore): string | null {
  if (observation === undefined || data === null || !data.isChanged()) return null;
  const draft = data.draft();
  data.restore(draft);
  return draft.contents.json;
}
