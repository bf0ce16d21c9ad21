/**
 * The bridge as `session-bridge doctor` finds it: what the `Session-Trace` header says, and who answers `hello`, asked
 * as the tab asks.
 */
import { BRIDGE_PATH, LOOPBACK_PORTS, TOKEN_HEADER, TRACE_HEADER } from "../protocol/address.ts";
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";
import { type HelloAnswer, PROTOCOL_VERSION, type Refusal } from "../protocol/messages.ts";
import { parseAnswer, parseRefusal } from "../protocol/parse.ts";
import { readTraceHeader, type TraceHeader } from "../protocol/trace-header.ts";
import { type Answer, ask, type Failure, isAnswer, valuesOf } from "./doctor-request.ts";

/** What one address answered to `hello`. */
export type Greeting = { url: URL; wasTokenSent: boolean } & (
  | { kind: "answered"; hello: HelloAnswer }
  | { kind: "refused"; refusal: Refusal }
  /** Something else answered: the app, or a proxy. */
  | { kind: "absent"; status: number }
  | { kind: "failed"; failure: Failure }
);

/** What is known of the bridge behind an address. */
export interface BridgeSight {
  /** The newest header of the visit that could be read. */
  header: TraceHeader | null;
  /** True when a response had the header in a form that this version does not know. */
  isHeaderUnreadable: boolean;
  /** The address itself. */
  own: Greeting;
  /** The port that the header names, on the same host, if it is another. */
  named: Greeting | null;
  /** A bridge on another port of this machine that reads this site's sessions, as `session-bridge django` does. */
  neighbour: Extract<Greeting, { kind: "answered" }> | null;
}

/** What the calls are made with. */
interface CallSettings {
  /** The value of SESSION_BRIDGE_TOKEN; null if there is none, or if the host may not get it. */
  token: string | null;
  answerMs: number;
}

/** Asks at the address itself, at the port that the header names, and without either at the ports of neighbours. */
export async function findBridge(
  answers: readonly Answer[],
  settings: CallSettings,
): Promise<BridgeSight | null> {
  const last = answers.at(-1);
  if (last === undefined) return null;
  const values = answers.flatMap((answer) => valuesOf(answer, TRACE_HEADER.toLowerCase()));
  const header = values.map(readTraceHeader).findLast((one) => one !== null) ?? null;
  const own = await greet(new URL(last.url.origin), settings);
  const at = header?.at == null ? null : new URL(last.url.origin);
  if (at !== null && header?.at != null) {
    at.protocol = header.at.isTls ? "https:" : "http:";
    at.port = String(header.at.port);
  }
  const named = at === null || at.origin === last.url.origin ? null : await greet(at, settings);
  const isFound = header !== null || !isLoopbackHost(last.url.hostname);
  const neighbour = isFound ? null : await findNeighbour(last.url.origin, settings.answerMs);
  return { header, isHeaderUnreadable: header === null && values.length > 0, own, named, neighbour };
}

/** The first answer is asked for without the token: only a bridge that wants it gets it. */
async function greet(origin: URL, { token, answerMs }: CallSettings): Promise<Greeting> {
  const first = await callHello(origin, null, answerMs);
  const isWanted = first.kind === "refused" && first.refusal.code === "token-missing";
  if (!isWanted || token === null) return first;
  return await callHello(origin, token, answerMs);
}

/** Such a bridge gets no token: any program on this machine can listen there. */
async function findNeighbour(site: string, answerMs: number): Promise<BridgeSight["neighbour"]> {
  for (const port of LOOPBACK_PORTS) {
    const greeting = await callHello(new URL(`http://127.0.0.1:${port}`), null, answerMs);
    if (greeting.kind === "answered" && greeting.hello.serves?.includes(site) === true) return greeting;
  }
  return null;
}

/** The Origin of no real extension: bridges answer every one in this form, unless the option `extensionId` names some. */
const ORIGIN = `chrome-extension://${"abcdefghijklmnop".repeat(2)}`;

async function callHello(origin: URL, token: string | null, answerMs: number): Promise<Greeting> {
  const headers = {
    Origin: ORIGIN,
    "Content-Type": "application/json",
    "Sec-Fetch-Site": "none",
    ...(token !== null && { [TOKEN_HEADER]: token }),
  };
  const body = JSON.stringify({ protocol: PROTOCOL_VERSION });
  const url = new URL(`${BRIDGE_PATH}hello`, origin);
  const outcome = await ask(url, {
    method: "POST",
    headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
    body,
    answerMs,
  });
  const sent = { url: origin, wasTokenSent: token !== null };
  if (!isAnswer(outcome)) return { ...sent, kind: "failed", failure: outcome };
  const json = parseJson(outcome);
  const hello = outcome.status === 200 ? parseHello(json) : null;
  if (hello !== null) return { ...sent, kind: "answered", hello };
  const refusal = outcome.status === 200 ? null : parseRefusal(json);
  if (refusal !== null) return { ...sent, kind: "refused", refusal };
  return { ...sent, kind: "absent", status: outcome.status };
}

function parseHello(json: unknown): HelloAnswer | null {
  try {
    return parseAnswer("hello", json);
  } catch {
    return null; // an app that answers every path, or a bridge of another version
  }
}

/** Undefined if it is not JSON, or longer than is read. */
function parseJson(answer: Answer): unknown {
  if (!valuesOf(answer, "content-type").some((type) => /^application\/json\b/i.test(type))) return undefined;
  try {
    return JSON.parse(answer.body);
  } catch {
    return undefined;
  }
}
