/** Stable stand-ins for secrets: the same secret becomes the same word throughout one export, and no word leads back to it. */
import { decodedForms, decodeText } from "session-bridge/protocol";
import { createMatcher, type Replace } from "./match-secrets.ts";

export type SecretKind = "cookie" | "key" | "secret";

export interface Pseudonyms {
  /** Notes a secret and returns its stand-in, `cookie-1`. The empty string is not a secret and stays. */
  learn(secret: string, kind: SecretKind): string;
  /** The string with every noted secret in it replaced, percent-encoded forms too. Secrets of up to three characters are left. */
  apply(text: string): string;
  /** How many different secrets were noted, by kind. */
  count(): Record<SecretKind, number>;
}

/** Shorter strings occur everywhere by accident: they are only replaced in the places where they are secrets. */
const MIN_ECHO = 4;

/** Starts an empty table; use one for each export. */
export function createPseudonyms(): Pseudonyms {
  const words = new Map<string, string>();
  const echoes = new Map<string, string>();
  const counts: Record<SecretKind, number> = { cookie: 0, key: 0, secret: 0 };
  let replace: Replace | null = null;
  return {
    learn(secret, kind) {
      if (secret === "") return secret;
      const known = words.get(secret) ?? echoes.get(secret);
      if (known !== undefined) return known;
      counts[kind] += 1;
      const word = `${kind}-${counts[kind]}`;
      words.set(secret, word);
      for (const form of formsOf(secret)) {
        if (form.length >= MIN_ECHO && !echoes.has(form)) echoes.set(form, word);
      }
      replace = null;
      return word;
    },
    apply(text) {
      replace ??= createMatcher(echoes);
      return replace(text);
    },
    count: () => ({ ...counts }),
  };
}

/** The secret as it appears in headers, in addresses and their queries, and inside JSON; and its decoded form. */
function formsOf(secret: string): Set<string> {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const json = JSON.stringify(secret).slice(1, -1);
  return new Set([
    secret,
    encoded,
    encoded.replaceAll("%20", "+"),
    decodeText(secret),
    json,
    ...decodedForms(secret),
  ]);
}
