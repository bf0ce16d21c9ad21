/** The body of an answer as JSON, as far as a bound: a server may go on for ever, and the panel would run out of memory. */

/** A body that is longer than any that a bridge sends. */
export class BodyError extends Error {
  override readonly name = "BodyError";
}

/** Throws `BodyError` for more than `most` bytes, and hangs up then; what `JSON.parse` throws for no JSON. */
export async function readJson({ body }: Response, most: number): Promise<unknown> {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  const pieces: string[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (value === undefined || done) return JSON.parse(pieces.join("") + decoder.decode());
      bytes += value.length;
      if (bytes > most) throw new BodyError(`[bridge] An answer is over ${most} bytes.`);
      pieces.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader?.cancel().catch(() => {}); // already ended or failed: nothing left to cancel
  }
}
