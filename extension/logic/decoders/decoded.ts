/** What a decoder finds in a cookie's value: the session inside, if it can be read without a secret. */

export interface Decoded {
  /** Which library writes such values: `Django signed cookies`, `Flask`, `cookie-session`, `JWT`, … */
  format: string;
  /** The contents as a JSON string, or null if only the form is known (encrypted, or a key into a store). */
  json: string | null;
  /** When it was signed or issued, milliseconds since 1970; null if the value does not say. */
  issuedAt: number | null;
  /** When the value itself says it expires; null if it does not. */
  expiresAt: number | null;
  /** What a reader must know: that the signature was not checked, that it is encrypted, … One sentence each. */
  notes: string[];
}

/** A cookie as a decoder sees it; `siblings` are the other cookies that the browser sends with it. */
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

/** Returns null if the value does not have the decoder's form. Never throws. */
export type Decoder = (cookie: Encoded) => Promise<Decoded | null>;

export const UNVERIFIED = "The signature was not checked: that needs the server's secret.";
export const UNVERIFIED_PUBLIC = "The signature was not checked: that needs the issuer's public key.";
export const ENCRYPTED = "It is encrypted: only the server can read it.";
export const AUTH0_LOGIN = "The login is kept by Auth0, not by this app's server.";
export const KEY = "It is a key: the session itself is on the server.";

/** What to say about a session that a service keeps: no bridge on the app's server could show it. */
export function keptBy(service: string): string {
  return `The session is kept by ${service}, not by this app's server.`;
}
