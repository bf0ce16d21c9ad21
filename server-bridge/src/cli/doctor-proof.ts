/** Asks a server to prove that it made a trace, as the tab does. Each question has a new nonce. */
import { randomBytes } from "node:crypto";
import { digestOf, proofOf } from "../bridge/traces/recent-ids.ts";
import { PROOF_HEADER } from "../protocol/address.ts";
import { writeChallenge } from "../protocol/challenge.ts";
import { type Answer, valuesOf } from "./doctor-request.ts";

/** One question. */
interface ProofQuestion {
  /** The value of `Session-Bridge-Challenge`. */
  challenge: string;
  /** True if this answer has the right `Session-Bridge-Proof`, once. */
  isProvenBy(answer: Answer): boolean;
}

/** A question that only the maker of this trace can answer. */
export function askForProof(traceId: string): ProofQuestion {
  const nonce = randomBytes(16).toString("base64url");
  const right = proofOf(traceId, nonce);
  return {
    challenge: writeChallenge({ digest: digestOf(traceId), nonce }),
    isProvenBy(answer) {
      const [proof, ...more] = valuesOf(answer, PROOF_HEADER.toLowerCase());
      return more.length === 0 && proof === right;
    },
  };
}
