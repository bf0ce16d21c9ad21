/**
 * Marks: the strings that replace what was removed from a trace, which is secrets and whatever exceeded a size limit, and
 * the stand-ins for values of Django's sessions that JSON has no form for.
 *
 * A mark is an ordinary JSON string, so every view can show it; no other string in a trace has this form.
 */

/**
 * The content of a mark. Equal digests within one process mean equal values; a digest reveals nothing else about the
 * value.
 */
export type Mark = { kind: "redacted"; digest: string } | { kind: "cut"; what: string };

/** The mark for a secret value. `digest` is 8 hexadecimal characters. */
export function redactedMark(digest: string): string {
  return `\u2039redacted ${digest}\u203a`;
}

/**
 * The string with every digest in such marks replaced by its number in this string: a digest could be compared with
 * others from the same process.
 */
export function numberDigests(text: string): string {
  const numbers = new Map<string, string>();
  return text.replace(/\u2039redacted ([0-9a-f]{8})\u203a/g, (_, digest: string) => {
    const number = numbers.get(digest) ?? (numbers.size + 1).toString(16).padStart(8, "0");
    numbers.set(digest, number);
    return redactedMark(number);
  });
}

/** The mark for something that exceeded a size limit, such as `12 more keys`. */
export function cutMark(what: string): string {
  return `\u2039cut: ${what}\u203a`;
}

/** The mark that a string of a trace is, or null if it is a value of the session. */
export function readMark(text: string): Mark | null {
  const redacted = /^\u2039redacted ([0-9a-f]{8})\u203a$/.exec(text);
  if (redacted?.[1] !== undefined) return { kind: "redacted", digest: redacted[1] };
  const cut = /^\u2039cut: ([^\u203a]{1,80})\u203a$/.exec(text);
  return cut?.[1] === undefined ? null : { kind: "cut", what: cut[1] };
}

/**
 * What the value is that this string stands for because JSON has no form for it, such as
 * `Python datetime 2026-11-30T04:21:00+00:00`; null for any other string. These marks are in the session as the bridge
 * reads it, not only in traces, and an edit may not change one.
 */
export function readStandIn(text: string): string | null {
  const mark = readMark(text);
  return mark?.kind === "cut" && /^(?:Python |deeper than \d+ levels$)/.test(mark.what) ? mark.what : null;
}
