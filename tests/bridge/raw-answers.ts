/** Counts the complete responses in bytes that a server sends, for tests that write HTTP by hand. */

/**
 * Returns a function that takes the next bytes, in latin1, and returns how many responses are complete by then. A response
 * after which the server ends the connection never counts: it is complete at that end.
 */
export function createAnswerCounter(): (part: string) => number {
  let rest = "";
  let count = 0;
  return (part) => {
    rest += part;
    let at = 0;
    for (let end = endOfAnswer(rest, at); end !== null; end = endOfAnswer(rest, at)) {
      if (!rest.startsWith("HTTP/1.1 1", at)) count += 1; // 100 Continue is not the answer
      at = end;
    }
    rest = rest.slice(at);
    return count;
  };
}

/** Where the response ends that begins here; null if it has not arrived yet. */
function endOfAnswer(received: string, at: number): number | null {
  const blank = received.indexOf("\r\n\r\n", at);
  if (blank === -1) return null;
  const head = received.slice(at, blank);
  const body = blank + 4;
  if (/^connection:.*close/im.test(head)) return null;
  if (/^transfer-encoding:.*chunked/im.test(head)) return endOfChunks(received, body);
  const end = body + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  return end <= received.length ? end : null;
}

function endOfChunks(received: string, start: number): number | null {
  let at = start;
  for (;;) {
    const line = received.indexOf("\r\n", at);
    if (line === -1) return null;
    const length = Number.parseInt(received.slice(at, line), 16);
    at = line + 2 + length + 2;
    if (at > received.length) return null;
    if (length === 0) return at;
  }
}
