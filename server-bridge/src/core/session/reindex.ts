/**
 * Looks through all stored sessions, and makes the index what it would be if it had been kept from the beginning. For
 * sessions from before `users` was turned on, and for those that another program made or ended.
 */
import { SETTLED_MS } from "../engines/user-index.ts";
import type { SessionParts } from "./context.ts";
import { userIn } from "./owner.ts";
import { requireUsers } from "./require-users.ts";

/** Options of `reindex`. */
export interface ReindexOptions {
  /** Called after each page of sessions, with how many were looked at so far. */
  readonly onProgress?: (sessions: number) => void;
  /** Stops it between two pages. What was added until then stays. */
  readonly signal?: AbortSignal;
}

/** What `reindex` found. */
export interface ReindexResult {
  /** How many sessions it looked at. */
  readonly sessions: number;
  /** How many were missing in the index. */
  readonly added: number;
  /** How many entries it removed, because their sessions are no longer stored. */
  readonly removed: number;
}

/** Indexes all stored sessions. Requests go on meanwhile. */
export async function reindex(
  parts: SessionParts,
  { onProgress, signal }: ReindexOptions = {},
): Promise<ReindexResult> {
  const { index, users } = requireUsers(parts);
  const beforeMs = Math.floor(parts.clock()) - SETTLED_MS;
  let [sessions, added] = [0, 0];
  for await (const page of index.scan()) {
    for (const { key, stored } of page) {
      sessions += 1;
      const contents = parts.codec.decode(stored.text, key);
      const user = contents === null ? null : userIn(users, contents);
      if (user !== null && (await index.add(user, key, stored.expiresAtMs))) added += 1;
    }
    onProgress?.(sessions);
    if (signal?.aborted === true) return { sessions, added, removed: 0 };
  }
  await index.markWhole();
  return { sessions, added, removed: await index.prune(beforeMs) };
}
