/** Asks a server to prove that it made a trace, and checks the proof. Every test has another nonce. */
import { proofText, writeChallenge } from "session-bridge/protocol";

/** One question. */
export interface ProofTest {
  /** The value of `Session-Bridge-Challenge`. */
  challenge: string;
  /** True for the right value of `Session-Bridge-Proof`. */
  holds(proof: string | null): Promise<boolean>;
}

/** A question that only the maker of this trace can answer. */
export async function createTest(traceId: string): Promise<ProofTest> {
  const { subtle } = crypto;
  const id = new TextEncoder().encode(traceId);
  const nonce = toText(crypto.getRandomValues(new Uint8Array(16)));
  const digest = toText(new Uint8Array(await subtle.digest("SHA-256", id)));
  return {
    challenge: writeChallenge({ digest, nonce }),
    async holds(proof) {
      const bytes = proof === null ? null : toBytes(proof);
      if (bytes === null) return false;
      const key = await subtle.importKey("raw", id, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
      return subtle.verify("HMAC", key, bytes, new TextEncoder().encode(proofText(nonce)));
    },
  };
}

/** Base64url without padding. */
function toText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** The 32 bytes of a proof; null if it does not have that form. */
function toBytes(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return null;
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
