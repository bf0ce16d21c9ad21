/** Reads JSON from a user, and says what is wrong with it without showing any of it. */

/** The value, or a sentence. */
export function parseText(text: string): { value: unknown } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch (error) {
    return { problem: `This is not JSON: ${reasonOf(error)}. Use the whole file, as it was saved.` };
  }
}

/** Browsers describe the place in different words, and some quote the text, which can contain secrets. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const place = /line (\d+) column (\d+)/.exec(message);
  if (place !== null) return `the mistake is in line ${place[1]}, column ${place[2]}`;
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `the mistake is at character ${Number(position) + 1}`;
  return error instanceof SyntaxError
    ? "it ends too early or holds something else"
    : "it is too large or too deep";
}
