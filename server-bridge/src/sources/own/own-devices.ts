/**
 * The sessions of the user whose session was shown: listed, ended except that one, and put back. The user is read from the
 * session that is stored now, so no caller can name another.
 */
import type { IndexedSession, UserIndex } from "../../core/engines/user-index.ts";
import { isSessionError } from "../../core/errors.ts";
import { deleteEnded, isUsers, pagesOf } from "../../core/session/devices.ts";
import { MAX_DEVICES } from "../../protocol/address.ts";
import type { EndedSessions, SourceDevices, StoredView, UserSessionView } from "../source.ts";
import { lookUp, lookUpExpected, type OwnSessions, readView } from "./look-up.ts";
import { endsAt, retime, toEnd } from "./own-writes.ts";
import { type Whose, whoseIs } from "./whose.ts";

/** Sessions that one undo puts back at most, and characters that they have together. */
const MAX_KEPT = 200;
const MAX_KEPT_TEXT = 4 * 1024 * 1024;

/** For sessions with the setting `users`. */
export function ownDevices(sessions: OwnSessions): SourceDevices {
  return {
    async list(key) {
      const view = await lookUp(sessions, key);
      if (typeof view === "string") return { found: false, reason: view };
      const whose = whoseIs(sessions, view);
      return whose === null ? { found: false, reason: "no-user" } : listAll(sessions, whose, view);
    },
    async endOthers(key, ifStored, keep) {
      const view = await lookUpExpected(sessions, key, ifStored);
      if ("ok" in view) return view.ok || view.reason === "unfit" ? { ok: false, reason: "gone" } : view;
      const whose = whoseIs(sessions, view);
      if (whose === null) return { ok: false, reason: "no-user" };
      const { canUndo, why } = await listAll(sessions, whose, view);
      if (keep && !canUndo) return { ok: false, reason: "too-many" };
      return { ok: true, view, why, ...(await endOthers(sessions, whose, view.key, keep)) };
    },
    async restoreOthers(key, copies) {
      const view = await lookUp(sessions, key);
      if (typeof view === "string") return { ok: false, reason: "gone" };
      const whose = whoseIs(sessions, view);
      if (whose?.user !== copies.user) return { ok: false, reason: "other-user" };
      if ((await whose.index.generation(whose.user)) !== copies.generation)
        return { ok: false, reason: "ended-again" };
      const restored = await putBackAll(sessions, whose, copies);
      if (restored === null) return { ok: false, reason: "ended-again" };
      return { ok: true, view, restored, left: copies.old + copies.sessions.length - restored };
    },
  };
}

async function listAll(sessions: OwnSessions, { user, index }: Whose, view: StoredView) {
  let newest: UserSessionView[] = [];
  let own: UserSessionView | null = null;
  let [others, characters] = [0, 0];
  for await (const page of pagesOf(index, user)) {
    for (const entry of page) {
      if (!isUsers(sessions, entry, user)) continue;
      const found = toUserSession(entry);
      if (entry.key === view.key) own = found;
      else {
        newest.push(found);
        others += 1;
        characters += entry.stored?.text.length ?? 0;
      }
    }
    newest = sortNewest(newest);
  }
  // another program may have made it, so that the index does not know it
  own ??= { key: view.key, createdMs: null, seenMs: null, expiresAtMs: view.expiresAtMs };
  return {
    found: true as const,
    view,
    sessions: [own, ...newest],
    total: others + 1,
    why: await whyIncomplete(index),
    canUndo: others <= MAX_KEPT && characters <= MAX_KEPT_TEXT,
  };
}

/** By their last use. The place of the shown one stays free. */
function sortNewest(sessions: readonly UserSessionView[]): UserSessionView[] {
  const usedMs = ({ createdMs, seenMs }: UserSessionView) => seenMs ?? createdMs ?? 0;
  return sessions.toSorted((one, other) => usedMs(other) - usedMs(one)).slice(0, MAX_DEVICES - 1);
}

function toUserSession({ key, createdMs, seenMs, stored }: IndexedSession): UserSessionView {
  return { key, createdMs, seenMs, expiresAtMs: stored?.expiresAtMs ?? null };
}

async function whyIncomplete(index: UserIndex): Promise<string | null> {
  if (index.isShared)
    return "Another program, such as Django, may have made more sessions of this user. To have them listed, call sessions.reindex(), or set users.exclusive to true if there is no such program.";
  if (await index.isWhole()) return null;
  return "Sessions from before the setting users was turned on may be missing. To have them listed, call sessions.reindex() once.";
}

async function endOthers(sessions: OwnSessions, { user, index }: Whose, kept: string, keep: boolean) {
  const before = await index.generation(user);
  // what an earlier end of all did not get to is not put back by the undo of this one
  let old = 0;
  await deleteEnded(sessions, { index, user, kept }, () => {
    old += 1;
  });
  await index.raise(user, kept);
  const generation = await index.generation(user);
  const copies: EndedSessions["sessions"][number][] = [];
  let ended = old;
  await deleteEnded(sessions, { index, user, kept }, (entry) => {
    ended += 1;
    if (keep && entry.stored !== null) copies.push({ ...toUserSession(entry), text: entry.stored.text });
  });
  // if they were ended by someone else at the same time, they stay ended
  const isAlone = generation === before + 1;
  return { ended, copies: isAlone && copies.length > 0 ? { user, generation, sessions: copies, old } : null };
}

/** Returns how many are back; null if all are ended again meanwhile, so that none is. */
async function putBackAll(
  sessions: OwnSessions,
  whose: Whose,
  copies: EndedSessions,
): Promise<number | null> {
  let restored = 0;
  try {
    for (const copy of copies.sessions) {
      if (!(await putBack(sessions, whose, copy))) continue;
      // an entry that was added after the new generation began would survive it
      if ((await whose.index.generation(whose.user)) !== copies.generation) {
        await sessions.engine.delete(copy.key, whose.user);
        return null;
      }
      restored += 1;
    }
  } catch (error) {
    if (!isSessionError(error, "session-gone")) throw error;
    return null;
  }
  return restored;
}

/** False, and nothing is stored, if the session has expired, or something is stored under its key. */
async function putBack(
  sessions: OwnSessions,
  { user, index }: Whose,
  copy: EndedSessions["sessions"][number],
): Promise<boolean> {
  const { engine, clock } = sessions;
  const { key, text, createdMs, seenMs } = copy;
  const stored = { text, expiresAtMs: copy.expiresAtMs };
  const view = readView(sessions, key, stored);
  if (view === null || !isUsers(sessions, { key, createdMs, seenMs, stored }, user)) return false;
  const expiresAtMs = endsAt(sessions, view);
  if (expiresAtMs <= clock() || (await lookUp(sessions, key)) !== "unknown") return false;
  const end = toEnd(sessions, expiresAtMs);
  if (createdMs === null) {
    // an entry without times, as it was; again afterwards, because a `reindex` may have removed the first one as dead
    await index.add(user, key, expiresAtMs);
    if (!(await engine.create(key, text, end))) return false;
    await index.add(user, key, expiresAtMs);
  } else {
    const owner = { user, was: null, nowMs: Math.floor(clock()) };
    if (!(await engine.create(key, text, end, owner))) return false;
    // the entry is that of a login of now; it was that of an earlier one
    const isThere = await engine.update(key, text, end, text, { ...owner, nowMs: createdMs });
    if (isThere === "saved" && seenMs !== null && seenMs > createdMs)
      await engine.update(key, text, end, text, { user, was: user, nowMs: seenMs });
  }
  await retime(sessions, key, text, expiresAtMs);
  return true;
}
