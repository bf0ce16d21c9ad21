/** Splits a stream of bytes into lines of JSON, each of bounded length. What the values mean is parsed elsewhere. */
import { ProtocolError } from "../../protocol/fields.ts";

/**
 * Returns a function that takes the stream's bytes as they come.
 *
 * It throws for a line that is too long, is not UTF-8 or is not JSON, and passes on what `told` throws; then the stream
 * cannot be read any further.
 *
 * @param max  bytes that the current line may have
 * @param told is called with each line's value
 */
export function createJsonLines(max: () => number, told: (value: unknown) => void): (bytes: Buffer) => void {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parts: Buffer[] = [];
  let length = 0;

  const keep = (part: Buffer): void => {
    length += part.length;
    if (length > max()) throw new ProtocolError("line", `at most ${max()} bytes`);
    if (part.length > 0) parts.push(part);
  };

  return (bytes) => {
    let rest = bytes;
    for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
      keep(rest.subarray(0, end));
      const line = decoder.decode(parts.length === 1 ? parts[0] : Buffer.concat(parts));
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
      told(JSON.parse(line));
    }
    keep(rest);
  };
}
const LINE_FEED = 0x0a;

/** Where a line differs from what was expected, for a sentence. Never repeats what was sent. */
export function sayMalformed(error: unknown): string {
  return error instanceof ProtocolError ? error.message.replace(/\.$/, "") : "a line is not JSON";
}
