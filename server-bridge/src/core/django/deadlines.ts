/**
 * When a session ends at the latest: the settings `absoluteAge` and `idleAge`, which Django does not have.
 *
 * The deadline is in the session's data under a key that Django keeps and ignores, so it survives new keys, edits and saves
 * by Django. What ends an unused session is the stored expiry, as always; it is only sooner.
 */
import { DEADLINE_KEY, type Draft } from "../data/draft.ts";
import { parseValue } from "../data/json.ts";
import { type DecodedSession, putMember, type StoredJson } from "../data/stored-json.ts";
import { isSessionError } from "../errors.ts";
import { type End, EXPIRY_KEY, expiryEnd, expiryIn } from "./expiry.ts";
import type { Settings } from "./settings.ts";

/** When the settings end a session, milliseconds since 1970. */
interface SessionDeadlines {
  readonly absolute: number | null;
  readonly idle: number | null;
}

/** What a stamp depends on. */
interface StampOptions {
  /** True if the draft begins a session: the deadline of what was loaded is that of another one. */
  isNew: boolean;
  nowMs: number;
  /** What was stored before, if the draft does not know that: a session can be cleared without being loaded. */
  before: StoredJson | null;
  /** True if the draft logs someone in, compared with what was stored before. */
  isLogin(base: StoredJson): boolean;
}

/** True if a session may end before Django's expiry. */
export function hasDeadlines({ absoluteAge, idleAge }: Settings): boolean {
  return absoluteAge !== null || idleAge !== null;
}

/** True if the stored expiry of a session has to be known before it is saved. */
export function needsEnd({ touchAfter, idleAge, passive }: Settings): boolean {
  return touchAfter > 0 || idleAge !== null || passive !== null;
}

/** How long a signed cookie lasts after its signature, seconds. */
export function carriedAge({ cookieAge, idleAge }: Settings): number {
  return idleAge === null ? cookieAge : Math.min(cookieAge, idleAge);
}

/** The deadline in some data, milliseconds since 1970; null if there is none, or the setting is off. */
export function deadlineIn(contents: DecodedSession, settings: Settings): number | null {
  if (settings.absoluteAge === null) return null;
  const seconds = readSeconds(contents);
  return seconds === null ? null : seconds * 1000;
}

/** True for a session whose deadline has come, whatever the store says. */
export function isPastDeadline(contents: DecodedSession, nowMs: number, settings: Settings): boolean {
  const deadline = deadlineIn(contents, settings);
  return deadline !== null && deadline <= nowMs;
}

/** When a session ends that was last saved at `modifiedMs`: the earliest of Django's expiry and both deadlines. */
export function endOfSaved(contents: DecodedSession | null, modifiedMs: number, settings: Settings): End {
  const end = expiryEnd(contents === null ? undefined : expiryIn(contents), modifiedMs, settings);
  if (!hasDeadlines(settings)) return end;
  const deadline = contents === null ? null : deadlineIn(contents, settings);
  return soonerEnd(end, modifiedMs, { deadline, idleAge: settings.idleAge });
}

/**
 * The same for a session that is yet to be saved: one without a deadline will get one.
 *
 * @param deadline what the data holds under the key
 */
export function limitEnd(end: End, fromMs: number, deadline: unknown, settings: Settings): End {
  const { absoluteAge, idleAge } = settings;
  if (absoluteAge === null) return soonerEnd(end, fromMs, { deadline: null, idleAge });
  const seconds = toSeconds(deadline) ?? firstDeadline(fromMs, absoluteAge);
  return soonerEnd(end, fromMs, { deadline: seconds * 1000, idleAge });
}

function soonerEnd(
  end: End,
  fromMs: number,
  { deadline, idleAge }: { deadline: number | null; idleAge: number | null },
): End {
  let sooner = end;
  if (idleAge !== null && fromMs + idleAge * 1000 < sooner.expiresAtMs)
    sooner = { expiresAtMs: fromMs + idleAge * 1000, ageSeconds: idleAge };
  if (deadline !== null && deadline < sooner.expiresAtMs)
    sooner = { expiresAtMs: deadline, ageSeconds: (deadline - fromMs) / 1000 };
  return sooner;
}

/**
 * The draft with its deadline: that of the session as it was loaded, whatever was removed since; a new one for a session
 * that has none, and at a login. A value that the application set itself stays.
 */
export function stampDeadline(
  draft: Draft,
  settings: Settings,
  { isNew, nowMs, before, isLogin: asksLogin }: StampOptions,
): Draft {
  const { absoluteAge } = settings;
  if (absoluteAge === null) return draft;
  const { contents } = draft;
  const base = before ?? draft.base;
  const kept = isNew || readSeconds(base) === null ? undefined : base.textOf(DEADLINE_KEY);
  if (contents === base && kept !== undefined) return draft;
  const own = readSeconds(contents) === null ? undefined : contents.textOf(DEADLINE_KEY);
  const isLogin = !isNew && asksLogin(base);
  if (own !== undefined && !(isLogin && own === kept)) return draft;
  const text = isLogin || kept === undefined ? String(firstDeadline(nowMs, absoluteAge)) : kept;
  return { ...draft, contents: putMember(contents, DEADLINE_KEY, text) };
}

/** True if a draft says itself when its session expires, in other words than the session did before. */
export function changesExpiry({ base, contents }: Draft): boolean {
  return contents !== base && contents.textOf(EXPIRY_KEY) !== base.textOf(EXPIRY_KEY);
}

/** What is shown of the deadlines of a session in the store; undefined if there are no such settings. */
export function deadlinesOf(
  contents: StoredJson,
  expiresAtMs: number | null,
  settings: Settings,
): SessionDeadlines | undefined {
  if (!hasDeadlines(settings)) return undefined;
  const { idleAge } = settings;
  const absolute = deadlineIn(contents, settings);
  const endsByIdling =
    idleAge !== null && expiresAtMs !== null && !(absolute !== null && absolute <= expiresAtMs);
  return { absolute, idle: endsByIdling && isSoonest(contents, expiresAtMs, settings) ? expiresAtMs : null };
}

/** True if Django's expiry would be later than that after `idleAge`. */
function isSoonest(contents: DecodedSession, expiresAtMs: number, settings: Settings): boolean {
  try {
    const usedAtMs = expiresAtMs - (settings.idleAge ?? 0) * 1000;
    return expiryEnd(expiryIn(contents), usedAtMs, settings).expiresAtMs >= expiresAtMs;
  } catch (error) {
    if (isSessionError(error)) return false; // an expiry that cannot be read says nothing
    throw error;
  }
}

function firstDeadline(nowMs: number, absoluteAge: number): number {
  return Math.floor(nowMs / 1000) + absoluteAge;
}

/** What some data holds under the key; undefined: nothing. */
export function deadlineValue(contents: DecodedSession): unknown {
  const text = contents.textOf(DEADLINE_KEY);
  return text === undefined ? undefined : parseValue(text, contents.plain);
}

function readSeconds(contents: DecodedSession): number | null {
  return toSeconds(deadlineValue(contents));
}

/** The last time that a `Date` can hold: the tab shows a deadline as one. */
const LAST_SECONDS = 8_640_000_000_000;

/** Anything but a number is no deadline. */
function toSeconds(value: unknown): number | null {
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  return Math.max(-LAST_SECONDS, Math.min(value, LAST_SECONDS));
}
