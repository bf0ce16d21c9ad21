/**
 * Between the JSON of a session and the text that an engine keeps: Django's signed encoding, or the bare JSON.
 *
 * A JSON here is always Django's exact serialised form: compact, ASCII, numbers as Python writes them.
 */

/** What a stored text holds. Never changed once made; shared between requests that meet the same text. */
export interface Contents {
  /** The whole data as one JSON text. */
  readonly json: string;
  /** Top-level keys in stored order, each with its value's exact JSON. */
  readonly entries: ReadonlyMap<string, string>;
}

/** Encodes and decodes for one engine. Holds the derived keys and a bounded cache of texts that were verified before. */
export interface Codec {
  /** The text to store, stamped with the clock's time and signed with the first secret where the format is signed. */
  encode(json: string): string;
  /**
   * What `text` holds, or null when it is damaged: signature, compression, JSON, or not an object. Says nothing to
   * the log; the caller does.
   *
   * @param key the session's key, under which the verified text is remembered; absent: nothing is remembered
   */
  decode(text: string, key?: string): Contents | null;
}
