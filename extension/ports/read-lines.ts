/** A stream of bytes as lines of text, each as soon as it is complete, however the network split it. */

/** A line longer than the bridge ever writes. */
export class LineError extends Error {
  override readonly name = "LineError";
}

/** A trace is capped at 64 KiB a side; this leaves room for both sides and their frame. */
const MAX_LINE = 1024 * 1024;

/** Lines without their line breaks; empty ones are left out. Leaving early cancels the stream. Throws `LineError`. */
export async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of toChunks(body)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.map((line) => line.trim()).filter((line) => line !== "");
    if (rest.length > MAX_LINE)
      throw new LineError(`[bridge] A line of the stream is over ${MAX_LINE} characters.`);
  }
  if (rest.trim() !== "") yield rest.trim();
}

/** Uses a reader, because not every browser's streams can be iterated. */
async function* toChunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {}); // already ended or failed: nothing left to cancel
  }
}
