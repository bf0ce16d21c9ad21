/** The pages that every site has: their contents, and how they are answered with Node's own calls. */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { type Signals, signalsOf } from "./signals.ts";

const PART_BYTES = 8192;
/** An endless stream still ends after 64 MB. */
const ENDLESS_PARTS = 8192;

/** Text that compresses to about half. */
function makeText(bytes: number): string {
  let text = "";
  for (let n = 0; text.length < bytes; n++) text += createHash("sha256").update(String(n)).digest("hex");
  return text.slice(0, bytes);
}

/** The contents of `/small` and `/large`. */
export const SMALL = { hello: "world" };
export const LARGE = { rows: Array.from({ length: 60 }, (_, row) => ({ row, text: makeText(32) })) };
export const LARGE_ETAG = '"large-1"';
const STREAM = makeText(25 * PART_BYTES);
/** The contents of `/file`. */
export const FILE = makeText(5000);
export const FILE_TYPE = "text/plain; charset=utf-8";
export const STREAM_TYPE = "text/plain; charset=utf-8";
export const EVENT_HEADERS = { "content-type": "text/event-stream", "cache-control": "no-cache" };
export const EVENTS = [1, 2, 3];
/** Requests events without waiting for the headers. */
export const AT_ONCE = "?at-once";

/** The text of one event; long enough that a compressor would buffer it if it were not flushed. */
export function toEvent(number: number): string {
  return `data: part ${number} ${makeText(64)}\n\n`;
}

/** `/stream`, in parts that make a reader wait. */
export function openStream(): Readable {
  const parts = Array.from({ length: STREAM.length / PART_BYTES }, (_, at) =>
    STREAM.slice(at * PART_BYTES, (at + 1) * PART_BYTES),
  );
  return Readable.from(parts.map((part) => Buffer.from(part)));
}

/** `/endless`: the same again and again. Signals "closed" when it is destroyed. */
export function openEndless(signals: Signals): Readable {
  const part = Buffer.from(STREAM.slice(0, PART_BYTES));
  const endless = Readable.from(Array.from({ length: ENDLESS_PARTS }, () => part));
  return endless.once("close", () => signals.tell("closed"));
}

/**
 * The events, each written when the previous one has arrived.
 *
 * @param isAtOnce true: the first comes in the turn of `flushHeaders`, while a slow store is still waited for
 */
export async function* writeEvents(signals: Signals, isAtOnce = false): AsyncGenerator<number> {
  if (!isAtOnce) await signals.wait("head");
  for (const event of EVENTS) {
    yield event;
    await signals.wait(`part ${event}`);
  }
}

/** The path without its query. */
export function pathOf(request: { url?: string | undefined }): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

/** The bytes that a `Range` header requests, or null. */
export function readRange(header: string | undefined): { from: number; to: number } | null {
  const [, from, to] = header?.match(/^bytes=(\d+)-(\d+)$/) ?? [];
  return from === undefined || to === undefined ? null : { from: Number(from), to: Number(to) };
}

/** How the headers are sent: with `writeHead`, or with `setHeader` and `statusCode`. */
export type HeadStyle = "writeHead" | "setHeader";

/** Answers one of the pages with Node's own calls. False when there is no such page. */
export function answerRaw(request: IncomingMessage, response: ServerResponse, style: HeadStyle): boolean {
  const page = RAW_PAGES[pathOf(request)];
  if (page === undefined) return false;
  const head = (status: number, headers: Record<string, string>) => {
    if (style === "writeHead") {
      response.writeHead(status, headers);
      return;
    }
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  };
  page({ request, response, signals: signalsOf(request.headers), head });
  return true;
}

interface RawGiven {
  request: IncomingMessage;
  response: ServerResponse & { flush?(): void };
  signals: Signals;
  head(status: number, headers: Record<string, string>): void;
}

const RAW_PAGES: Record<string, (given: RawGiven) => void> = {
  "/small": ({ response, head }) => {
    head(200, { "content-type": "application/json" });
    response.end(JSON.stringify(SMALL));
  },
  "/large": ({ request, response, head }) => {
    const text = JSON.stringify(LARGE);
    const isKnown = request.headers["if-none-match"] === LARGE_ETAG;
    if (isKnown) head(304, { etag: LARGE_ETAG });
    else
      head(200, {
        ...{ "content-type": "application/json", etag: LARGE_ETAG },
        "content-length": String(text.length),
      });
    response.end(isKnown ? undefined : text);
  },
  "/file": ({ request, response, head }) => {
    const range = readRange(request.headers.range);
    const text = range === null ? FILE : FILE.slice(range.from, range.to + 1);
    const part = range === null ? {} : { "content-range": `bytes ${range.from}-${range.to}/${FILE.length}` };
    head(range === null ? 200 : 206, {
      ...{ "content-type": FILE_TYPE, "accept-ranges": "bytes" },
      ...{ ...part, "content-length": String(text.length) },
    });
    response.end(text);
  },
  "/events": (given) => void answerEvents(given),
  "/stream": ({ response, head }) => {
    head(200, { "content-type": STREAM_TYPE });
    openStream().pipe(response);
  },
  "/endless": ({ response, signals, head }) => {
    head(200, { "content-type": STREAM_TYPE });
    const endless = openEndless(signals);
    response.once("close", () => endless.destroy());
    endless.pipe(response);
  },
};

async function answerEvents({ request, response, signals, head }: RawGiven): Promise<void> {
  head(200, EVENT_HEADERS);
  response.flushHeaders();
  for await (const event of writeEvents(signals, request.url?.endsWith(AT_ONCE) === true)) {
    response.write(toEvent(event));
    response.flush?.(); // every compressor reads it
  }
  response.end();
}
