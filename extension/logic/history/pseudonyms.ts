/**
 * Stable stand-ins for secrets: the same secret becomes the same word throughout one export, and no word leads back.
 */
import { type Json, parseJson } from "session-bridge/protocol";

export type SecretKind = "cookie" | "key" | "secret";

export interface Pseudonyms {
  /** Notes a secret and gives its stand-in, `cookie-1`. Texts of up to three characters are no secrets. */
  learn(secret: string, kind: SecretKind): string;
  /** The text with every noted secret in it replaced, the longest first; percent-encoded forms too. */
  apply(text: string): string;
  /** How many different secrets were noted, by kind. */
  count(): Record<SecretKind, number>;
}

/** Shorter texts occur everywhere by accident, and guard nothing. */
const MIN_SECRET = 4;

/** Starts an empty table; one for each export. */
export function createPseudonyms(): Pseudonyms {
  const words = new Map<string, string>();
  const counts: Record<SecretKind, number> = { cookie: 0, key: 0, secret: 0 };
  let ordered: [string, string][] | null = null;
  return {
    learn(secret, kind) {
      if (secret.length < MIN_SECRET) return secret;
      const known = words.get(secret);
      if (known) return known;
      counts[kind] += 1;
      const word = `${kind}-${counts[kind]}`;
      for (const form of formsOf(secret)) {
        if (form.length >= MIN_SECRET && !words.has(form)) words.set(form, word);
      }
      ordered = null;
      return word;
    },
    apply(text) {
      ordered ??= [...words].sort(([one], [other]) => other.length - one.length);
      return ordered.reduce((result, [secret, word]) => result.replaceAll(secret, word), text);
    },
    count: () => ({ ...counts }),
  };
}

/**
 * Replaces in every text of a JSON value, but for the members that `isWord` names by their parent's name and their own:
 * those hold words of a format, and so do the names of members. Members called `dataJson` hold JSON text, and stay so.
 */
export function replaceDeep(
  value: Json,
  pseudonyms: Pseudonyms,
  isWord: (parent: string, name: string) => boolean,
  parent = "",
): Json {
  if (typeof value === "string") return pseudonyms.apply(value);
  if (Array.isArray(value)) return value.map((item) => replaceDeep(item, pseudonyms, isWord, parent));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => {
    if (typeof item === "string" && isWord(parent, name)) return [name, item] as const;
    if (typeof item === "string" && name === "dataJson")
      return [name, replaceInJson(item, pseudonyms)] as const;
    return [name, replaceDeep(item, pseudonyms, isWord, name)] as const;
  });
  return Object.fromEntries(entries);
}

/** A string, or a number or word, of a JSON text. */
const SCALAR = /"(?:[^"\\]|\\.)*"|[^\s"{}[\],:]+/g;

/** The same JSON text with its scalars replaced: a number that is a secret elsewhere becomes a string. */
function replaceInJson(text: string, pseudonyms: Pseudonyms): string {
  if (!parseJson(text).ok) return pseudonyms.apply(text);
  return text.replace(SCALAR, (token) => {
    const plain: string = token.startsWith('"') ? JSON.parse(token) : token;
    const replaced = pseudonyms.apply(plain);
    return replaced === plain ? token : JSON.stringify(replaced);
  });
}

/** The secret as it stands in headers, in addresses, and inside JSON text. */
function formsOf(secret: string): Set<string> {
  return new Set([secret, encodeURIComponent(secret), decode(secret), JSON.stringify(secret).slice(1, -1)]);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // it holds a lone percent sign, so it was never encoded
  }
}
