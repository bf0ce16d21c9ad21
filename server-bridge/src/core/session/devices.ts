/**
 * The sessions of one user: listed, ended one by one, or all at once. `engines/user-index.ts` says why none is missed and
 * none is ended that began afterwards.
 */
import {
  type IndexedSession,
  keyDigest,
  lastWrittenMs,
  SETTLED_MS,
  type UserIndex,
} from "../engines/user-index.ts";
import { SessionError } from "../errors.ts";
import type { SessionParts } from "./context.ts";
import { toUser, userIn } from "./owner.ts";
import { stateOf } from "./proxy.ts";
import { reindex } from "./reindex.ts";
import { requireUsers } from "./require-users.ts";
import { isOver } from "./session-end.ts";

/** A user as an app names them: the same as `users.of` returns. */
export type UserId = string | number | bigint;

/** One of a user's sessions. */
export interface UserSession {
  /** Names the session for `end`; 22 characters that do not reveal its key, so a page may show them. */
  readonly keyId: string;
  /** When it became this user's; null if that is not known, because another program made it. */
  readonly createdAt: Date | null;
  /** When it was last saved, to within `touchAfter`; null if that is not known. */
  readonly lastSeenAt: Date | null;
  /** When it expires if it is not used again; null if the store keeps no expiry. */
  readonly expiresAt: Date | null;
  /** True for the session that was passed as `current`. */
  readonly current: boolean;
}

/** Options of `forUser`. */
export interface ForUserOptions {
  /** The session of this request. */
  current?: object | undefined;
}

/** Options of `endAll`. */
export interface EndAllOptions {
  /**
   * The session that stays: as a rule, that of this request. Default: none; then call this request's `flush()`, too, because a
   * response that saves a session that was ended is a 400.
   */
  except?: object | undefined;
  /** True: looks through all stored sessions first, so that none is missed that another program wrote. Default false. */
  reindex?: boolean;
}

/** What `endAll` did. */
export interface EndAllResult {
  /** How many sessions it ended. */
  readonly ended: number;
  /** True if the user has no other session now that began before. */
  readonly complete: boolean;
  /** Why it may be incomplete, with one next step. Absent if it is complete. */
  readonly why?: string;
}

/** Sessions that are deleted at the same time, so that thousands are ended in seconds on a server that is not near. */
const AT_ONCE = 8;

/** The user's sessions, in no order. A session that has ended is never among them. */
export async function* forUser(
  parts: SessionParts,
  id: UserId,
  { current }: ForUserOptions = {},
): AsyncGenerator<UserSession> {
  const { index, user } = open(parts, id);
  const own = await keyOf(parts, current, "current");
  for await (const page of pagesOf(index, user)) {
    for (const entry of page) {
      if (!isUsers(parts, entry, user)) continue;
      yield {
        keyId: keyDigest(entry.key),
        createdAt: toDate(entry.createdMs),
        lastSeenAt: toDate(entry.seenMs),
        expiresAt: toDate(entry.stored?.expiresAtMs ?? null),
        current: entry.key === own,
      };
    }
  }
}

/** Ends the user's sessions that began before now, except one. */
export async function endAll(
  parts: SessionParts,
  id: UserId,
  { except, reindex: isToReindex = false }: EndAllOptions = {},
): Promise<EndAllResult> {
  const { index, user } = open(parts, id);
  const kept = await keyOf(parts, except, "except");
  if (isToReindex) await reindex(parts);
  const why = isToReindex ? null : await whyIncomplete(index);
  await index.raise(user, kept);
  let ended = 0;
  await deleteEnded(parts, { index, user, kept }, () => {
    ended += 1;
  });
  return why === null ? { ended, complete: true } : { ended, complete: false, why };
}

/**
 * Deletes the sessions that are older than the user's generation: also one that has ended here, because Django knows no
 * deadline, and another server's clock may be behind. `told` receives each of the others before it is deleted.
 */
export async function deleteEnded(
  parts: Pick<SessionParts, "clock" | "codec" | "engine" | "settings">,
  { index, user, kept }: { index: UserIndex; user: string; kept: string | null },
  told: (entry: IndexedSession) => void,
): Promise<void> {
  const settledMs = parts.clock() - SETTLED_MS;
  const deleteOne = async (entry: IndexedSession): Promise<void> => {
    if (entry.key === kept) return;
    if (holdsUser(parts, entry, user)) {
      if (isAlive(parts, entry)) told(entry);
      await parts.engine.delete(entry.key, user);
    } else if (lastWrittenMs(entry) < settledMs) {
      await index.remove(user, [entry.key]);
    } // otherwise a login may be about to store it, and be killed before it finds that it was ended
  };
  for await (const page of index.listEnded(user)) {
    for (let at = 0; at < page.length; at += AT_ONCE)
      await Promise.all(page.slice(at, at + AT_ONCE).map(deleteOne));
  }
}

/** Ends one of the user's sessions. False if there is no such session, or it is not this user's. */
export async function end(parts: SessionParts, id: UserId, keyId: string): Promise<boolean> {
  const { index, user } = open(parts, id);
  for await (const page of pagesOf(index, user)) {
    const entry = page.find(({ key }) => keyDigest(key) === keyId);
    if (entry === undefined) continue;
    if (!isUsers(parts, entry, user)) return false;
    await parts.engine.delete(entry.key, user);
    return true;
  }
  return false;
}

function open(parts: SessionParts, id: UserId): { index: UserIndex; user: string } {
  const { index } = requireUsers(parts);
  const user = toUser(id, "the user's id is");
  if (user !== null) return { index, user };
  throw new SessionError(
    "settings",
    "The user's id is empty. Pass what users.of returns for their sessions.",
  );
}

/**
 * All entries of a user, each once. Those that a new generation has ended are the last: if that was all that a killed
 * process did, their sessions are still stored, and who has their cookies is logged in.
 */
export async function* pagesOf(index: UserIndex, user: string): AsyncGenerator<readonly IndexedSession[]> {
  const listed = new Set<string>();
  for await (const page of index.list(user)) {
    for (const { key } of page) listed.add(key);
    yield page;
  }
  // a generation that began meanwhile has ended what was listed above
  for await (const page of index.listEnded(user)) yield page.filter(({ key }) => !listed.has(key));
}

/** What is stored now decides: the session is there, has not expired, and is this user's. */
export function isUsers(
  parts: Pick<SessionParts, "clock" | "codec" | "settings">,
  entry: IndexedSession,
  user: string,
): boolean {
  return isAlive(parts, entry) && holdsUser(parts, entry, user);
}

function isAlive(
  parts: Pick<SessionParts, "clock" | "codec" | "settings">,
  { key, stored }: IndexedSession,
): boolean {
  if (stored === null || isOver(parts, key, stored)) return false;
  return stored.expiresAtMs === null || stored.expiresAtMs > parts.clock();
}

/** True if what is stored, expired or not, is this user's. */
function holdsUser(
  { codec, settings }: Pick<SessionParts, "codec" | "settings">,
  { key, stored }: IndexedSession,
  user: string,
): boolean {
  const contents = stored === null ? null : codec.decode(stored.text, key);
  return contents !== null && settings.users !== null && userIn(settings.users, contents) === user;
}

/** The key of a request's session, once what it does to the store is done. */
async function keyOf(
  { engine }: SessionParts,
  session: object | undefined,
  option: string,
): Promise<string | null> {
  if (session === undefined) return null;
  const state = stateOf(session);
  if (state?.context.engine !== engine)
    throw new SessionError(
      "settings",
      `${option} is not a session of these sessions. Pass request.session, or leave it out.`,
    );
  await state.queue.drain();
  return state.key;
}

async function whyIncomplete(index: UserIndex): Promise<string | null> {
  if (index.isShared)
    return "Another program, such as Django, may have made sessions of this user that are not in the index. Pass { reindex: true }, or set users.exclusive to true if there is none.";
  if (await index.isWhole()) return null;
  return "Sessions from before the setting users was turned on may not be in the index. Call sessions.reindex() once.";
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
