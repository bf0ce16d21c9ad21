/** The ids of the latest traces, by which the bridge proves to a panel that it made one of them. */
import { createHash, createHmac } from "node:crypto";
import { type Challenge, proofText } from "../../protocol/challenge.ts";

/** A page may send hundreds of requests before the panel asks about the first. */
const MAX_IDS = 500;

/** The ids of one process, and of those that share its log. */
export interface RecentIds {
  /** A new id. */
  note(id: string): void;
  /** An id from a log that processes share: one of this process comes back there, and any may come several times. */
  noteShared(id: string): void;
  /** The proof for a challenge; null if it is about none of these ids. */
  prove(challenge: Challenge): string | null;
}

/** None yet. */
export function createRecentIds(): RecentIds {
  const ids: string[] = [];
  let next = 0;
  const note = (id: string): void => {
    ids[next] = id;
    next = (next + 1) % MAX_IDS;
  };
  return {
    note,
    noteShared(id) {
      if (!ids.includes(id)) note(id);
    },
    prove({ digest, nonce }) {
      const id = ids.find((each) => digestOf(each) === digest);
      return id === undefined ? null : proofOf(id, nonce);
    },
  };
}

/** What a challenge says about a trace's id. */
export function digestOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}

/** The answer to a challenge about this id. */
export function proofOf(id: string, nonce: string): string {
  return createHmac("sha256", id).update(proofText(nonce)).digest("base64url");
}
