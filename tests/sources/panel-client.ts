/** Calls a bridge as the panel does, for tests of sources. */

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BRIDGE_PATH,
  type Calls,
  joinPossession,
  parseTraceHeader,
  type StreamEvent,
  type Trace,
} from "session-bridge/protocol";

const ORIGIN = "chrome-extension://abcdefghijklmnopabcdefghijklmnop";

/** Starts listening on a free port and returns the address. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo; // a listening TCP server has one
  return `http://127.0.0.1:${address.port}`;
}

/** One call of the bridge: status and parsed body. */
export async function call<N extends keyof Calls>(
  base: string,
  name: N,
  body: Calls[N]["request"],
): Promise<{ status: number; answer: Calls[N]["answer"] }> {
  const response = await post(base, name, body);
  return { status: response.status, answer: await response.json() };
}

/** The traces kept for these cookies, once `enough` says so. */
export async function readTraces(
  base: string,
  cookies: string[],
  enough: (traces: Trace[]) => boolean,
  ids: string[] = [],
): Promise<Trace[]> {
  const found = new Map<string, Trace>();
  for await (const event of readEvents(base, cookies, ids)) {
    if (event.type === "trace") found.set(event.trace.id, event.trace);
    if (enough([...found.values()])) break;
  }
  return [...found.values()].sort((one, other) => one.sequence - other.sequence);
}

/** The events of a stream, which is closed when the loop over them ends. */
export async function* readEvents(
  base: string,
  cookies: string[] = [],
  ids: string[] = [],
): AsyncGenerator<StreamEvent> {
  const abort = new AbortController();
  const body = { protocol: 1, cookies, ids, since: null, process: null };
  try {
    const response = await post(base, "traces", body, abort.signal);
    let rest = "";
    for await (const part of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line);
    }
  } finally {
    abort.abort();
  }
}

/** What a panel shows for a cookie: its value, and its signature if that is in a second cookie `NAME.sig`. */
export function possess(jar: ReadonlyMap<string, string>, name: string): string {
  const value = jar.get(name) ?? "";
  const signature = jar.get(`${name}.sig`);
  return signature === undefined || value === "" ? value : joinPossession(value, `${name}.sig`, signature);
}

/** Like `possess`, for the cookies that a response sets. */
export function readPossession(response: Response, name: string): string {
  const names = [name, `${name}.sig`];
  const set = names.map((one): [string, string] => [one, readCookie(response, one)]);
  return possess(new Map(set.filter(([, value]) => value !== "")), name);
}

/** The id of the trace that a response names; empty when it names none. */
export function readTraceId(response: Response): string {
  return parseTraceHeader(response.headers.get("session-trace") ?? "") ?? "";
}

/** The raw value of a response's cookie. */
export function readCookie(response: Response, name: string): string {
  const line = response.headers.getSetCookie().find((text) => text.startsWith(`${name}=`));
  return /^[^=]*=([^;]*)/.exec(line ?? "")?.[1] ?? "";
}

function post(base: string, name: string, body: object, signal?: AbortSignal): Promise<Response> {
  return fetch(base + BRIDGE_PATH + name, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ORIGIN, "sec-fetch-site": "none" },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}
