/** What a response's headers say about the software that answered, bounded: for the line of code that fits the page's server. */
import type { Header } from "./headers.ts";

/** Headers whose value names the software. */
const NAMED = ["x-powered-by", "server"] as const;

/** Headers that only one framework sends; their values are not kept. */
const MARKS = /^x-(?:nextjs|sveltekit|nuxt|remix)-[a-z-]{1,40}$/;

const MAX_LINES = 6;
const MAX_VALUE = 80;

/**
 * Lines such as `x-powered-by: Express` and `x-nextjs-cache`; undefined if the headers say nothing. Values are cut to 80
 * characters, and at most six lines are kept.
 */
export function readServer(headers: readonly Header[]): string[] | undefined {
  const named = NAMED.flatMap((wanted) =>
    headers
      .filter(({ name, value }) => name.toLowerCase() === wanted && value)
      .map(({ value = "" }) => `${wanted}: ${value.slice(0, MAX_VALUE)}`),
  );
  const marks = headers.map(({ name }) => name.toLowerCase()).filter((name) => MARKS.test(name));
  const lines = [...new Set([...named, ...marks])].slice(0, MAX_LINES);
  return lines.length === 0 ? undefined : lines;
}
