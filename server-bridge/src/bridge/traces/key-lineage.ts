/**
 * Which keys belong to the same session over time, because a trace joined them: before a login and after it, for
 * example. Anyone who proves one key of a lineage sees the traces of all its keys.
 *
 * Keys that two clients can hold at the same time join nothing: a trace of such sessions is only for callers who have
 * proven each of its keys.
 */

/** Enough for every session that a developer touches in a day; the oldest are forgotten first. */
const MAX_KEYS = 2_000;

/** Which keys belong to one session over time. */
export interface KeyLineage {
  /** Notes that a request led from one session to the other. */
  join(keyIds: readonly string[]): void;
  /**
   * True if what these sessions did in one request may be shown to a caller who has proven the keys `proven`. False if
   * there are no owners.
   */
  isFor(owners: readonly string[], proven: ReadonlySet<string>): boolean;
}

interface LineageOptions {
  /** False: several clients can hold the same key. */
  joins: boolean;
  maxKeys?: number;
}

/** An empty lineage. It knows only key ids, never keys. */
export function createKeyLineage({ joins, maxKeys = MAX_KEYS }: LineageOptions): KeyLineage {
  if (!joins) return { join() {}, isFor: isForEveryOwner };
  const groups = new Map<string, Set<string>>();

  const forgetOldest = () => {
    for (const [keyId, group] of groups) {
      if (groups.size <= maxKeys) return;
      group.delete(keyId);
      groups.delete(keyId);
    }
  };

  const isOf = (owner: string, proven: ReadonlySet<string>): boolean => {
    if (proven.has(owner)) return true;
    const group = groups.get(owner);
    if (group === undefined) return false;
    for (const keyId of proven) if (group.has(keyId)) return true;
    return false;
  };

  return {
    join(keyIds) {
      if (keyIds.length < 2) return;
      const joined = new Set<string>();
      for (const keyId of keyIds) for (const member of groups.get(keyId) ?? [keyId]) joined.add(member);
      for (const member of joined) {
        groups.delete(member);
        groups.set(member, joined);
      }
      forgetOldest();
    },
    isFor: (owners, proven) => owners.some((owner) => isOf(owner, proven)),
  };
}

function isForEveryOwner(owners: readonly string[], proven: ReadonlySet<string>): boolean {
  return owners.length > 0 && owners.every((owner) => proven.has(owner));
}
