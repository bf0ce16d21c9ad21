/** What a decoder makes of a cookie's value: the session inside, when one can be read without a secret. */

export interface Decoded {
  /** Who writes such values: `Django signed cookies`, `Flask`, `cookie-session`, `JWT`, … */
  format: string;
  /** The contents as JSON text, or null where only the form is known (encrypted, or a key into a store). */
  json: string | null;
  /** When it was signed or issued, milliseconds since 1970; null when the value does not say. */
  issuedAt: number | null;
  /** When the value itself says it ends; null when it does not. */
  expiresAt: number | null;
  /** What a reader must know: that the signature was not checked, that it is encrypted, … One sentence each. */
  notes: string[];
}

/** A cookie as a decoder sees it; `siblings` are the other cookies of its jar, those that the browser sends along with it. */
export interface Encoded {
  name: string;
  value: string;
  siblings: readonly Sibling[];
}

/** Another cookie of the same jar. */
export interface Sibling {
  name: string;
  value: string;
}

/** Returns null when the value is not of the decoder's form. Never throws. */
export type Decoder = (cookie: Encoded) => Promise<Decoded | null>;

export const UNVERIFIED = "The signature was not checked: that needs the server's secret.";
export const ENCRYPTED = "It is encrypted: only the server can read it.";
export const KEY = "It is a key: the session itself is on the server.";
