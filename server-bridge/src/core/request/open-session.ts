/**
 * One request's session, from `openSession` to `close`: what Django's SessionMiddleware does, for any framework.
 *
 * An adapter calls `openSession` with facts about the request, hands `opened.session` to the handler, holds the
 * response's head and body when the handler ends it, calls `opened.close` with facts about the response, applies the
 * returned changes, and only then sends the response. A request that never uses its session creates no session object.
 *
 * @source django/contrib/sessions/middleware.py process_response
 */

import { addVaryCookie } from "../django/cookie.ts";
import type { CookieSettings } from "../django/cookie-settings.ts";
import { isSessionError, statusOf } from "../errors.ts";
import { ObservedText, observeRequest } from "../observers/observe-request.ts";
import type { Observation, ObservedSession } from "../observers/observer.ts";
import type { Session } from "../session/api.ts";
import type { SessionParts, ShapedParts } from "../session/context.ts";
import { saveWithCycle } from "../session/cycle.ts";
import { isTooShort } from "../session/key.ts";
import { chooseCookie, fetchStored, isToBeFetched, STORE_FAILED } from "../session/load.ts";
import { METHODS } from "../session/methods.ts";
import { toSession } from "../session/proxy.ts";
import { saveSession } from "../session/save.ts";
import { cookieAge, endSeen } from "../session/session-end.ts";
import { type CookieChoice, type SessionHolder, SessionState } from "../session/state.ts";
import { readSessionCookie } from "./cookie-candidates.ts";
import { decideCookie } from "./decide-cookie.ts";
import { decidePassive } from "./decide-passive.ts";
import type { IncomingFacts, OutgoingFacts, RequestSession, ResponseChanges } from "./facts.ts";
import { type WrittenCookie, writeDeletion, writeKeyCookie } from "./session-cookie.ts";
import { isFresh, isTouchedByHandshake } from "./touch-after.ts";

/**
 * DevTools requests this path from every origin, without its cookies: a session created for it would belong to no
 * visitor.
 *
 * @source Chrome's automatic workspace folders
 */
const DEVTOOLS_PATH = "/.well-known/appspecific/com.chrome.devtools.json";
const NO_COOKIE = "its cookie could not be written";
const NO_PASSIVE = "the setting passive failed";
const BAD_SETTING = "the setting passive or users failed";
const NOTHING: ResponseChanges = { instead: null, vary: null, setCookie: null };
/** The status of a successful handshake. */
const SWITCHING = 101;
const UNDELIVERED =
  "A session got a new key during a WebSocket handshake, which cannot wait for the store, so its cookie could not be sent. Create the session, and log in, in an ordinary request first.";
const OTHER_USERS =
  "Someone logged in or out in this session before this request completed. Nothing was saved. Load the page again.\n";
const GONE =
  "The session was deleted before this request completed, perhaps by a logout in another one. Nothing was saved.\n";

/**
 * Called by an adapter when a request arrives. Returns a promise only if the engine must be queried before the handler
 * runs.
 */
export function openSession<Data>(
  sessions: ShapedParts<Data>,
  facts: IncomingFacts,
): RequestSession<Data> | Promise<RequestSession<Data>> {
  const { settings, engine } = sessions;
  const cookie = readSessionCookie(sessions, facts.cookieHeader);
  const opened = new OpenRequest<Data>(sessions, facts, cookie, observeRequest(sessions, facts));
  if (cookie === undefined || engine.loadSync !== undefined) return opened;
  // which of several cookies is the session is known before anything can be done to it, a logout for example
  return settings.load === "lazy" && typeof cookie === "string" ? opened : opened.fetch();
}

class OpenRequest<Data> implements RequestSession<Data>, SessionHolder {
  shownIn: RequestSession<Data>["shownIn"] = null;
  readonly #context: SessionParts;
  readonly #facts: IncomingFacts;
  #cookie: string | undefined;
  readonly #choice: CookieChoice | null;
  readonly #observation: Observation | undefined;
  #state: SessionState | null = null;
  #isOver = false;
  #passive: boolean | undefined;
  #session: Session<Data> | null = null;

  constructor(
    context: SessionParts,
    facts: IncomingFacts,
    cookie: string | readonly string[] | undefined,
    observation: Observation | undefined,
  ) {
    this.#context = context;
    this.#facts = facts;
    const isOne = cookie === undefined || typeof cookie === "string";
    this.#cookie = isOne ? cookie : cookie[0];
    this.#choice = isOne ? null : { keys: cookie, others: 0, isDecided: false };
    this.#observation = observation;
  }

  get idle(): boolean {
    const state = this.#state;
    if (state !== null && (state.accessed || state.modified || state.busy)) return false;
    if (this.#context.settings.saveEveryRequest) return false;
    return this.#cookie === undefined || !isTooShort(this.#cookie);
  }

  get failure(): unknown {
    return this.#state?.failure?.error ?? null;
  }

  get session(): Session<Data> {
    this.#session ??= toSession<Data>(this.#open());
    return this.#session;
  }

  /** A failure concerns only a handler that uses its session: it is thrown at the first use. */
  async fetch(): Promise<this> {
    const state = this.#open();
    try {
      await fetchStored(state);
    } catch (error) {
      state.failure = { error };
    }
    if (this.#choice !== null) this.#cookie = state.key ?? undefined;
    return this;
  }

  close(facts: OutgoingFacts): ResponseChanges | Promise<ResponseChanges> {
    this.#isOver = true;
    if (this.#state === null && this.idle) return NOTHING;
    const state = this.#open();
    state.ended = true;
    if (!state.busy || this.#absorbsCycle(state, facts.status)) return this.#decide(state, facts);
    return this.#closeAfterQueue(state, facts);
  }

  async detach(): Promise<string | null> {
    const state = this.#state;
    if (state === null) return null;
    const keyBefore = this.#cookie ?? null;
    state.isDetached = true;
    await state.queue.drain();
    const isChanged = state.modified || state.data?.isChanged() === true;
    if (isChanged && state.key === null && !state.isEmpty) {
      this.#end(state, SWITCHING, null, null, unsavedIn(state));
      return `${UNDELIVERED} It was not stored.`;
    }
    const { saveEveryRequest } = this.#context.settings;
    const renews = saveEveryRequest && !isChanged && !this.isPassive();
    if (renews) await METHODS.load(state); // an unknown session is not saved
    if (state.key !== null && (isChanged || (renews && isTouchedByHandshake(state, this.#cookie))))
      await saveSession(state);
    this.#end(state, SWITCHING, storedIn(state), null, null);
    return state.key === keyBefore || state.key === null ? null : UNDELIVERED;
  }

  /** True if the coming save can also do what a `cycleKey` in this turn requested. */
  #absorbsCycle({ deferred, queue }: SessionState, status: number): boolean {
    return deferred !== null && queue.pending === 1 && this.#refusal(status) === null;
  }

  async #closeAfterQueue(state: SessionState, facts: OutgoingFacts): Promise<ResponseChanges> {
    try {
      await state.queue.drain();
    } catch (error) {
      return this.#fail(state, error);
    }
    return this.#decide(state, facts);
  }

  /** The order of these steps is Django's, and so is what each of them checks. */
  #decide(state: SessionState, facts: OutgoingFacts): ResponseChanges | Promise<ResponseChanges> {
    const { settings } = this.#context;
    if (!state.modified && state.data?.isChanged() === true) state.modified = true;
    if (state.isEmpty) return this.#endEmpty(state, facts);
    const { accessed, modified } = state;
    if (!modified && !(settings.saveEveryRequest && !this.#decidePassive(state))) {
      this.#end(state, facts.status, storedIn(state), null, null);
      return this.#changes(facts, accessed, null);
    }
    const refusal = this.#refusal(facts.status);
    if (refusal === null) return this.#save(state, facts);
    state.report("not-saved", 0, refusal);
    this.#end(state, facts.status, storedIn(state), null, unsavedIn(state));
    return this.#changes(facts, accessed, null);
  }

  /**
   * There is no session. Django deletes the cookie in any case; here that of an unknown or expired session stays, because
   * the browser may have got a newer one since it sent this request.
   */
  #endEmpty(state: SessionState, facts: OutgoingFacts): ResponseChanges {
    const isDropped = this.#cookie !== undefined && state.dropsCookie;
    const cookie = isDropped ? writeDeletion(this.#cookieSettings(state)) : null;
    this.#end(state, facts.status, null, cookie, null);
    return this.#changes(facts, isDropped || state.accessed, cookie);
  }

  /** Why a changed session is not saved, or null if it is. */
  #refusal(status: number): string | null {
    if (status >= 500) return `status ${status}`;
    const byDevTools = this.#cookie === undefined && this.#facts.path === DEVTOOLS_PATH;
    return byDevTools ? "asked for by DevTools itself" : null;
  }

  isPassive(): boolean {
    this.#passive ??= decidePassive(this.#context.settings, this.#facts);
    return this.#passive;
  }

  #decidePassive(state: SessionState): boolean {
    try {
      return this.isPassive();
    } catch (error) {
      throw this.#abandon(state, error, NO_PASSIVE);
    }
  }

  /** Asked before the store, so that nothing is stored if they cannot be chosen. */
  #cookieSettings(state: SessionState): CookieSettings {
    try {
      return decideCookie(this.#context.settings, this.#facts);
    } catch (error) {
      throw this.#abandon(state, error, NO_COOKIE);
    }
  }

  async #save(state: SessionState, facts: OutgoingFacts): Promise<ResponseChanges> {
    const { clock, engine } = this.#context;
    let ageSeconds: number | null;
    try {
      if (isToBeFetched(state)) {
        if (state.failure !== null) throw state.failure.error;
        await fetchStored(state);
      }
      if (isFresh(state, this.#cookie)) {
        this.#end(state, facts.status, storedIn(state), null, null);
        return this.#changes(facts, state.accessed, null);
      }
      ageSeconds = METHODS.getExpireAtBrowserClose(state) ? null : METHODS.getExpiryAge(state);
    } catch (error) {
      return this.#fail(state, error);
    }
    // saved by the setting alone, and there is nothing: a new session would replace a newer cookie
    if (!state.modified && state.isEmpty) return this.#endEmpty(state, facts);
    const settings = this.#cookieSettings(state);
    try {
      const nowMs = clock();
      await (state.deferred === null ? saveSession(state) : saveWithCycle(state, state.deferred));
      const key = state.key ?? "";
      const age = ageSeconds === null ? null : cookieAge(state, ageSeconds, nowMs);
      const cookie = writeKeyCookie(settings, engine.cookie?.write(key) ?? key, age, nowMs);
      this.#end(state, facts.status, storedIn(state), cookie, null);
      return this.#changes(facts, true, cookie);
    } catch (error) {
      return this.#fail(state, error);
    }
  }

  /** A deleted session concerns the visitor; any other failure concerns the operator. */
  #fail(state: SessionState, error: unknown): ResponseChanges {
    if (!isSessionError(error, "session-gone"))
      throw this.#abandon(state, error, isSessionError(error, "settings") ? BAD_SETTING : STORE_FAILED);
    const unsaved = unsavedIn(state);
    state.report("reject", 0, state.isOtherUsers ? "another user meanwhile" : "deleted meanwhile");
    this.#end(state, 400, null, null, unsaved);
    return {
      instead: { status: 400, body: state.isOtherUsers ? OTHER_USERS : GONE },
      vary: null,
      setCookie: null,
    };
  }

  /** Tells the observer that nothing was saved. Returns the error to throw. */
  #abandon(state: SessionState, error: unknown, why: string): unknown {
    const unsaved = unsavedIn(state);
    state.report("not-saved", 0, why);
    this.#end(state, statusOf(error), storedIn(state), null, unsaved);
    return error;
  }

  #changes(facts: OutgoingFacts, varies: boolean, cookie: WrittenCookie | null): ResponseChanges {
    if (!varies && cookie === null) return NOTHING;
    const vary = varies ? addVaryCookie(facts.vary) : null;
    if (cookie === null) return { instead: null, vary, setCookie: null };
    if (facts.setCookie.length === 0) return { instead: null, vary, setCookie: [cookie.line] };
    const prefix = `${this.#context.settings.cookieName}=`;
    const others = facts.setCookie.filter((line) => !line.startsWith(prefix));
    return { instead: null, vary, setCookie: [...others, cookie.line] };
  }

  replaceSession(): SessionState {
    const state = this.#newState(null);
    this.#state = state;
    this.#session = null;
    this.shownIn?.set("session", this.session);
    return state;
  }

  #open(): SessionState {
    this.#state ??= this.#begin();
    return this.#state;
  }

  #begin(): SessionState {
    const state = this.#newState(this.#cookie ?? null);
    if (this.#choice === null) return state;
    state.choice = this.#choice;
    chooseCookie(state);
    this.#cookie = state.key ?? undefined;
    return state;
  }

  #newState(key: string | null): SessionState {
    const state = new SessionState(this.#context, key);
    state.observation = this.#observation;
    state.ended = this.#isOver;
    state.holder = this;
    return state;
  }

  #end(
    state: SessionState,
    status: number,
    after: ObservedSession | null,
    cookie: WrittenCookie | null,
    unsaved: string | null,
  ): void {
    if (this.#observation === undefined) return;
    const { accessed, modified, conflicts } = state;
    const seen = { status, accessed, modified, after, unsaved, conflictKeys: [...conflicts] };
    const otherSessions = this.#choice?.others ?? 0;
    this.#observation.ended({ ...seen, otherSessions, cookie: cookie === null ? null : cookie.observe() });
  }
}

/** What the store holds, for the observer. */
function storedIn(state: SessionState): ObservedSession | null {
  const { key, data, text, observation } = state;
  if (observation === undefined || key === null || data === null || text === null) return null;
  return new ObservedText(key, data.base.json, text, endSeen(state, data.base));
}

/** What the handler left and was not stored, for the observer. */
function unsavedIn({ observation, data }: SessionState): string | null {
  if (observation === undefined || data === null || !data.isChanged()) return null;
  const draft = data.draft();
  data.restore(draft);
  return draft.contents.json;
}
