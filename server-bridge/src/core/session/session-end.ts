/**
 * When what a session stores ends: by its data and the settings, or, in a passive request, when it would have ended without
 * that request.
 */
import { DEADLINE_KEY } from "../data/draft.ts";
import type { Draft } from "../data/session-data.ts";
import type { StoredJson } from "../data/stored-json.ts";
import {
  carriedAge,
  changesExpiry,
  deadlinesOf,
  deadlineValue,
  endOfSaved,
  hasDeadlines,
  isPastDeadline,
  limitEnd,
  stampDeadline,
} from "../django/deadlines.ts";
import { expiryEnd } from "../django/expiry.ts";
import type { End, Stored } from "../engines/engine.ts";
import type { HasEnd } from "../observers/observe-request.ts";
import type { SessionParts } from "./context.ts";
import { isLogin } from "./owner.ts";
import type { SessionState } from "./state.ts";

/** The reason that an observer gets if the session's deadline has come. */
export const PAST_DEADLINE = "past its deadline";

/** The end that a session keeps. */
interface KeptEnd extends End {
  /** Signed cookies: the time of the signature, from which its age counts, whole seconds. Absent: now. */
  readonly signedAtSeconds?: number;
}

/** True for a stored session whose deadline has come. Then there is no session, whatever the store says. */
export function isOver(
  { settings, codec, clock }: Pick<SessionParts, "clock" | "codec" | "settings">,
  key: string,
  stored: Stored,
): boolean {
  if (settings.absoluteAge === null) return false;
  const contents = codec.decode(stored.text, key);
  return contents !== null && isPastDeadline(contents, clock(), settings);
}

/** What the engine has for a key, without sessions whose deadline has come. */
export function withoutOver<Found extends Stored | "expired" | null>(
  parts: SessionParts,
  key: string,
  found: Found,
): Found | null {
  return typeof found === "object" && found !== null && isOver(parts, key, found) ? null : found;
}

/**
 * The draft with its deadline.
 *
 * @param from the key of what it replaces; null: nothing
 * @param before what is stored there, if it was not loaded
 */
export function withDeadline(
  state: SessionState,
  draft: Draft,
  { from, before }: { from: string | null; before: StoredJson | null },
): Draft {
  const { settings, clock } = state.context;
  return stampDeadline(draft, settings, {
    isNew: isNew(state, from),
    nowMs: clock(),
    before,
    isLogin: (base) => isLogin(settings, draft.contents, base),
  });
}

/** True if the session may have a deadline that is not known here, because it was cleared without being loaded. */
export function isUnseen(state: SessionState, from: string | null): boolean {
  return state.text === null && !isNew(state, from);
}

/** What is stored now; null: nothing that can be read. */
export async function storedBefore(state: SessionState, from: string | null): Promise<StoredJson | null> {
  const { codec, engine, storeWaits } = state.context;
  const key = from ?? state.key;
  if (key === null) return null;
  const stored = engine.loadSync?.(key) ?? (await storeWaits.within(state, engine.load(key)));
  return stored === null || stored === "expired" ? null : codec.decode(stored.text);
}

/** True if the request is passive and the draft is a session's that lasts as long as it did. Asks the setting last. */
export function keepsEnd(state: SessionState, from: string | null, draft: Draft): boolean {
  if (isNew(state, from) || changesExpiry(draft)) return false;
  return !isLogin(state.context.settings, draft.contents, draft.base) && state.holder?.isPassive() === true;
}

/**
 * The end that the stored session has now: another request may have prolonged it since it was loaded. If that cannot be
 * known, it is what its data says.
 */
export async function keptEnd(state: SessionState, from: string | null, draft: Draft): Promise<KeptEnd> {
  const { clock, engine, settings, storeWaits } = state.context;
  if (engine.keeping === "carried") return carriedEnd(state, draft);
  const asked = from === null ? null : (engine.inspect?.(from) ?? engine.load(from, true));
  const stored = asked === null ? null : await storeWaits.within(state, asked);
  const nowMs = clock();
  const byData = endOfSaved(draft.contents, nowMs, settings);
  const isThere = stored !== null && stored !== "expired";
  const keptMs = (isThere ? stored.expiresAtMs : null) ?? state.end?.expiresAtMs ?? null;
  if (keptMs === null || keptMs >= byData.expiresAtMs) return byData;
  return { expiresAtMs: keptMs, ageSeconds: (keptMs - nowMs) / 1000 };
}

/** A signed cookie is signed again with the old time. */
function carriedEnd({ context, key }: SessionState, draft: Draft): KeptEnd {
  const { clock, engine, settings } = context;
  const nowMs = clock();
  const found = key === null ? null : engine.loadSync?.(key);
  const foundMs = typeof found === "object" ? found?.expiresAtMs : null;
  const endMs = foundMs ?? nowMs + carriedAge(settings) * 1000;
  const signedAtSeconds = Math.floor(endMs / 1000) - carriedAge(settings);
  const { expiresAtMs } = endOfSaved(draft.contents, signedAtSeconds * 1000, settings);
  return { expiresAtMs, ageSeconds: (expiresAtMs - nowMs) / 1000, signedAtSeconds };
}

/** Engines that count from the time of writing have to be told the kept end afterwards. */
export async function retime(state: SessionState, key: string | null, text: string, end: End): Promise<void> {
  const { engine, storeWaits } = state.context;
  if (key === null || engine.retime === undefined) return;
  await storeWaits.within(state, engine.retime(key, end.expiresAtMs, text));
}

/**
 * When the session, which must be loaded, would end if it were saved at `fromMs`.
 *
 * @param expiry what its data says about that
 */
export function endIfSaved(
  { context: { settings }, data, key }: SessionState,
  expiry: unknown,
  fromMs: number,
): End {
  const end = expiryEnd(expiry, fromMs, settings);
  if (!hasDeadlines(settings) || data === null) return end;
  // a deadline that was removed comes back, unless the session was flushed
  const deadline = data.get(DEADLINE_KEY) ?? (key === null ? null : deadlineValue(data.base));
  const limited = limitEnd(end, fromMs, deadline, settings);
  return limited === end ? end : { ...limited, ageSeconds: Math.floor(limited.ageSeconds) };
}

/**
 * Seconds from `nowMs` until the cookie of a session that was just saved ends: with deadlines, when the stored session does.
 *
 * @param byData what its data says
 */
export function cookieAge({ context, end, wasSaved }: SessionState, byData: number, nowMs: number): number {
  const isLimited = hasDeadlines(context.settings) || context.settings.passive !== null;
  const endsAtMs = isLimited && wasSaved ? (end?.expiresAtMs ?? null) : null;
  return endsAtMs === null ? byData : (endsAtMs - nowMs) / 1000;
}

/** When a stored session ends, as observers see it. @param end its stored expiry; absent: that of the session's own string */
export function endSeen(
  { context: { settings }, end: own }: SessionState,
  contents: StoredJson,
  end: HasEnd = own,
): HasEnd {
  if (!hasDeadlines(settings)) return end;
  return {
    get expiresAtMs() {
      return end?.expiresAtMs ?? null;
    },
    get deadlines() {
      return deadlinesOf(contents, end?.expiresAtMs ?? null, settings);
    },
  };
}

/** True if what is stored begins a session: with signed cookies, if there was none in the cookie. */
function isNew({ context, key }: SessionState, from: string | null): boolean {
  return from === null && !(context.engine.keeping === "carried" && key !== null);
}
