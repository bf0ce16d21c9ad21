/**
 * The texts that stand in a trace for what was taken out of it: secrets, and what the caps cut off.
 *
 * A mark is an ordinary JSON string, so every view can show it; no other text of a trace has this form.
 */

/** What a mark says. Equal digests within one process mean equal values; a digest says nothing else of the value. */
export type Mark = { kind: "redacted"; digest: string } | { kind: "cut"; what: string };

/** The text that stands for a secret value. `digest` is 8 hexadecimal characters. */
export function redactedMark(digest: string): string {
  return `\u2039redacted ${digest}\u203a`;
}

/** The text with every digest of such marks replaced by its number in this text: a digest may be compared with others' within one process. */
export function numberDigests(text: string): string {
  const numbers = new Map<string, string>();
  return text.replace(/\u2039redacted ([0-9a-f]{8})\u203a/g, (_, digest: string) => {
    const number = numbers.get(digest) ?? (numbers.size + 1).toString(16).padStart(8, "0");
    numbers.set(digest, number);
    return redactedMark(number);
  });
}

/** The text that stands for what a cap cut off, such as `12 more keys`. */
export function cutMark(what: string): string {
  return `\u2039cut: ${what}\u203a`;
}

/** The mark that a text of a trace is, or null when it is a value of the session. */
export function readMark(text: string): Mark | null {
  const redacted = /^\u2039redacted ([0-9a-f]{8})\u203a$/.exec(text);
  if (redacted?.[1] !== undefined) return { kind: "redacted", digest: redacted[1] };
  const cut = /^\u2039cut: ([^\u203a]{1,80})\u203a$/.exec(text);
  return cut?.[1] === undefined ? null : { kind: "cut", what: cut[1] };
}
