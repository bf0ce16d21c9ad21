/** A session as an engine returns it. */
export interface Stored {
  /**
   * Exactly what was passed to `create` or `update`: Django's signed string, or JSON, depending on the engine's
   * `format`.
   */
  readonly text: string;
  /**
   * When the session expires, milliseconds since 1970 (fractions allowed); null if the engine cannot find out cheaply.
   */
  readonly expiresAtMs: number | null;
}
