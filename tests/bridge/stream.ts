/** Listens to a site's traces as a panel does, event by event. */
import {
  BRIDGE_PATH,
  PROTOCOL_VERSION,
  parseStreamEvent,
  type StreamEvent,
  type Trace,
  type TracesRequest,
} from "session-bridge/protocol";
import { EXTENSION_ORIGIN, type Site } from "./site.ts";

export interface Listener {
  /** The next event of this type; skips events of other types. Fails when the stream ends. */
  next<T extends StreamEvent["type"]>(type: T): Promise<Extract<StreamEvent, { type: T }>>;
  /** The next trace of a request with this path. */
  trace(path: string): Promise<Trace>;
  /** Every event so far. */
  readonly events: StreamEvent[];
  close(): void;
}

export async function listen(
  site: Pick<Site, "origin">,
  request: Partial<TracesRequest>,
  more: Record<string, string> = {},
): Promise<Listener> {
  const abort = new AbortController();
  const response = await fetch(`${site.origin}${BRIDGE_PATH}traces`, {
    method: "POST",
    headers: {
      origin: EXTENSION_ORIGIN,
      "content-type": "application/json",
      "sec-fetch-site": "none",
      ...more,
    },
    body: JSON.stringify({
      protocol: PROTOCOL_VERSION,
      cookies: [],
      ids: [],
      since: null,
      process: null,
      ...request,
    }),
    signal: abort.signal,
  });
  if (response.body === null || !response.ok)
    throw new Error(`no stream: ${response.status} ${await response.text()}`);
  // immediately: a body that no one reads yet is cancelled when its response is garbage-collected
  const lines = readLines(response.body.getReader());
  const events: StreamEvent[] = [];
  const take = async (): Promise<StreamEvent> => {
    const { done, value } = await lines.next();
    if (done === true)
      throw new Error(`the stream ended after ${JSON.stringify(events.map(({ type }) => type))}`);
    const event = parseStreamEvent(JSON.parse(value));
    if (event === null) throw new Error(`an unknown event: ${value}`);
    events.push(event);
    return event;
  };
  const next = async <T extends StreamEvent["type"]>(type: T): Promise<Extract<StreamEvent, { type: T }>> => {
    for (;;) {
      const event = await take();
      if (event.type === type) return event as Extract<StreamEvent, { type: T }>; // compared on this line
    }
  };
  return {
    next,
    async trace(path) {
      for (;;) {
        const { trace } = await next("trace");
        if (trace.request.path === path) return trace;
      }
    },
    events,
    close: () => abort.abort(),
  };
}

async function* readLines(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
