/** The body of an answer as JSON, up to a limit: a server may send forever, and the panel would run out of memory. */

/** A body that is longer than any that a bridge sends. */
export class BodyError extends Error {
  override readonly name = "BodyError";
}

/** Throws `BodyError` for more than `most` bytes, and then closes the connection; throws like `JSON.parse` if it is not JSON. */
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
