/** What `session-bridge doctor` finds, and how its lines are written: visible characters only, bounded in length. */
import { escapeUnseen } from "../core/runtime.ts";
import { hideAddress } from "../protocol/secrets/index.ts";

/** One thing that was found. */
export interface Finding {
  text: string;
  /** What to do next. Present: something is wrong. */
  next?: string;
  /** Lines to copy for that step. */
  lines?: readonly string[];
}

/** Longest string of a server's that is shown, in UTF-16 units. */
const MAX_SHOWN = 120;

/** Something to know, with nothing to do about it. */
export function fact(text: string): Finding {
  return { text };
}

/** Something that is wrong. @param next one step that mends it */
export function wrong(text: string, next: string, lines: readonly string[] = []): Finding {
  return { text, next, lines };
}

/** A server's string, cut after `max` UTF-16 units. What it holds is made visible by `toLines`. */
export function show(text: string, max = MAX_SHOWN): string {
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** An address without its secrets, bounded. */
export function showAddress(url: URL): string {
  const hidden = "…";
  return show(hideAddress(url.href, { part: () => hidden, value: () => hidden }), 200);
}

/** The terminal's lines for one finding: what is wrong begins with `!`. */
export function toLines({ text, next, lines = [] }: Finding): string[] {
  if (next === undefined) return [escapeUnseen(`  ${text}`)];
  return [`! ${text}`, `  Next: ${next}`, ...lines.map((line) => `      ${line}`)].map(escapeUnseen);
}

/** `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
