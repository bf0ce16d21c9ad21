/**
 * Who owns a session: the only place that turns what a caller shows into a key. Every call, stream and lineage takes
 * its keys from here, and the store is queried for no others.
 */
import { LRUCache } from "lru-cache";
import type { NoSession } from "../../protocol/messages.ts";
import type { Proof, ProvenKey, ProvenView, Source, StoredView } from "../../sources/source.ts";
import type { Digests } from "../redaction/digests.ts";
import { withinStoreLimit } from "./store-limit.ts";

/** Keys, or possessions, that are known to be good; the oldest are forgotten first. */
const MAX_ACCEPTED = 5_000;

/**
 * What a possession proves: the key of a session, or why it proves none. `isGone`: it is a key, but nothing is stored
 * under it.
 */
type Proven = { key: ProvenKey } | { key: null; reason: NoSession; isGone?: true };

/** What one caller has shown, for as long as they listen. */
export interface Claim {
  /** Ids of the keys that are proven. More are added as the library accepts possessions that were shown earlier. */
  readonly keyIds: ReadonlySet<string>;
  end(): void;
}

/** Proves keys for one source. */
export interface Proofs {
  /** @throws what the store throws, if the proof is a stored row */
  prove(possession: string): Promise<Proven>;
  /**
   * Everything that a caller shows. If the store fails, nothing is proven now; what the library accepts later still
   * counts.
   */
  claim(possessions: readonly string[]): Promise<Claim>;
  /** The key of a sealed copy, proven again; null if it cannot be proven. The bridge seals only what was proven. */
  proveSealed(copy: StoredView, possession: string): Promise<ProvenView | null>;
  /** Notes that the library has loaded or created the sessions of these key ids in a request. */
  noteOwners(keyIds: readonly string[]): void;
}

/** Proofs with nothing accepted yet. */
export function createProofs({ proof }: Pick<Source, "proof">, digests: Pick<Digests, "keyId">): Proofs {
  /** Ids of keys if rows are the proof, ids of possessions if acceptance is. */
  const accepted = new LRUCache<string, true>({ max: MAX_ACCEPTED });
  const claims = new Set<OpenClaim>();

  const accept = (id: string) => {
    accepted.set(id, true);
    for (const claim of claims) claim.accept(id);
  };
  if (proof.by === "acceptance") proof.whenAccepted((possession) => accept(digests.keyId(possession)));

  const prove = async (possession: string): Promise<Proven> => {
    if (possession === "") return { key: null, reason: "no-cookie" };
    if (proof.by === "nothing") return { key: null, reason: "unproven" };
    const key = await readKey(proof, possession);
    if (key === null || key === "") return { key: null, reason: proof.by === "row" ? "unknown" : "tampered" };
    if (proof.by === "acceptance") {
      const isGood = proof.isSigned(possession) || accepted.has(digests.keyId(possession));
      return isGood ? proven(key) : { key: null, reason: "unproven" };
    }
    if (proof.by === "signature" || accepted.has(digests.keyId(key))) return proven(key);
    if (!(await withinStoreLimit(proof.isStored(key), "read")))
      return { key: null, reason: "unknown", isGone: true };
    accepted.set(digests.keyId(key), true);
    return proven(key);
  };

  return {
    prove,
    async claim(possessions) {
      const claim = new OpenClaim((one) => claims.delete(one));
      claims.add(claim);
      const shown = [...new Set(possessions)];
      // without `await` if keys are known at once, so that anything accepted in the meantime counts
      const learning = shown.flatMap((possession) => {
        const learned = learnAwaited(proof, possession, digests, claim);
        return learned === undefined ? [] : [learned];
      });
      if (learning.length > 0) await Promise.allSettled(learning);
      // together, so that a store that does not answer delays the stream once, not once for each
      const proofs = await Promise.allSettled(shown.map(prove));
      for (const one of proofs) {
        if (one.status === "fulfilled" && one.value.key !== null) claim.add(digests.keyId(one.value.key));
      }
      return claim;
    },
    async proveSealed(copy, possession) {
      // the row may be gone (the reason to put it back); the seal shows that it was there
      const key = proof.by === "row" ? await readKey(proof, possession) : (await prove(possession)).key;
      return key === copy.key ? { ...copy, ...proven(copy.key) } : null;
    },
    noteOwners(keyIds) {
      if (proof.by === "row") for (const keyId of keyIds) accept(keyId);
    },
  };
}

/** Has the claim wait for what would prove this possession. A promise if its key is not known at once. */
function learnAwaited(
  proof: Proof,
  possession: string,
  digests: Pick<Digests, "keyId">,
  claim: OpenClaim,
): Promise<void> | undefined {
  if (proof.by !== "row" && proof.by !== "acceptance") return undefined;
  const learn = (key: string | null) => {
    if (key === null || key === "") return;
    const keyId = digests.keyId(key);
    claim.await(proof.by === "row" ? keyId : digests.keyId(possession), keyId);
  };
  const key = readKey(proof, possession);
  if (key instanceof Promise) return key.then(learn);
  learn(key);
  return undefined;
}

/** The key that the possession would be for. Checking it may need the store, or code of the app. */
function readKey(
  proof: Exclude<Proof, { by: "nothing" }>,
  possession: string,
): string | null | Promise<string | null> {
  const key = proof.keyOf(possession);
  return key instanceof Promise ? withinStoreLimit(key, "read") : key;
}

function proven(key: string): { key: ProvenKey } {
  return { key: key as ProvenKey }; // the only place where a key becomes a proven one
}

class OpenClaim implements Claim {
  readonly keyIds = new Set<string>();
  readonly #awaited = new Map<string, string>();
  readonly #ended: (claim: OpenClaim) => void;

  constructor(ended: (claim: OpenClaim) => void) {
    this.#ended = ended;
  }

  add(keyId: string): void {
    this.keyIds.add(keyId);
  }

  await(id: string, keyId: string): void {
    this.#awaited.set(id, keyId);
  }

  accept(id: string): void {
    const keyId = this.#awaited.get(id);
    if (keyId !== undefined) this.keyIds.add(keyId);
  }

  end(): void {
    this.#ended(this);
  }
}
