/**
 * Which sessions are one and the same over time: keys that a trace joined, before a login and after it. If someone
 * proves one key of a lineage, they see the traces of all its keys.
 */

/** Enough for every session a developer touches in a day; the oldest are forgotten first. */
const MAX_KEYS = 2_000;

/** Which keys belong to one session over time. */
export interface KeyLineage {
  /** Notes that a request led from one session to the other. */
  join(keyIds: readonly string[]): void;
  /** The name of the lineage of a key: equal for all its keys. Changes when lineages join. */
  of(keyId: string): string;
}

/** An empty lineage. It knows key ids only, never keys. */
export function createKeyLineage(maxKeys = MAX_KEYS): KeyLineage {
  const groups = new Map<string, Set<string>>();

  const forgetOldest = () => {
    for (const [keyId, group] of groups) {
      if (groups.size <= maxKeys) return;
      group.delete(keyId);
      groups.delete(keyId);
    }
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
    of(keyId) {
      const [first] = groups.get(keyId) ?? [];
      return first ?? keyId;
    },
  };
}
