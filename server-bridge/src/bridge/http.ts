/**
 * What the bridge knows about a request and returns for it, whatever the framework. Adapters translate; nothing here
 * decides.
 */

/** A request as it arrived. */
export interface HttpFacts {
  method: string;
  /** The request target as sent, query included. */
  target: string;
  /** `1.0`, `1.1`, `2.0`; undefined if the adapter cannot know. */
  httpVersion: string | undefined;
  /** Name, value, name, value, … as received, duplicates kept. */
  rawHeaders: readonly string[];
  /** Address of the client's end of the socket; undefined if the adapter cannot know. */
  peerAddress: string | undefined;
  /** Port of this end of the socket; undefined if the adapter cannot know. */
  localPort: number | undefined;
  /** True when TLS ends in this process. */
  encrypted: boolean;
}

/** Counts a body while it is read. */
export interface BodyMeter {
  /** Counts the next bytes. */
  take(bytes: number): void;
  /** Aborted, with the refusal as its reason, when no more of the body should be kept. */
  readonly stopped: AbortSignal;
}

/** Reads the body as UTF-8; null if the meter stopped it. Called at most once. */
export type ReadBody = (meter: BodyMeter) => Promise<string | null>;

/** The bridge's answer. A body in several parts is a stream: parts are sent as they become available. */
export interface HttpAnswer {
  status: number;
  headers: readonly (readonly [name: string, value: string])[];
  body: string | AsyncIterable<string>;
}

/** Every value of a header, in order; `name` in lower case. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? "");
  }
  return values;
}

/** The target's path without its query. */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}
