/**
 * The bridge as `session-bridge doctor` finds it: what the `Session-Trace` header says, and who answers `hello`, asked
 * as the tab asks.
 *
 * The token goes only where the proof came from that the responses of the address that the user gave were made there: any
 * program on this machine can listen at another port, or at the other one of the two addresses of `localhost`. The proof
 * does not name an address, so a program that passes all calls on to the bridge passes on its proof, too.
 */
import { LOOPBACK_PORTS, TRACE_HEADER } from "../protocol/address.ts";
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";
import { readTraceHeader, type TraceHeader } from "../protocol/trace-header.ts";
import { callHello, type Greeting, type Withheld } from "./doctor-hello.ts";
import { type Answer, ask, isAnswer, otherAddress, valuesOf } from "./doctor-request.ts";
import { VISIT_HEADERS } from "./doctor-visit.ts";

/** What is known of the bridge behind an address. */
export interface BridgeSight {
  /** The newest header of the visit that could be read. */
  header: TraceHeader | null;
  /** True when a response had the header in a form that this version does not know. */
  isHeaderUnreadable: boolean;
  /** True when a response had the header several times, which counts as none. */
  hasSeveralHeaders: boolean;
  /** The address itself. */
  own: Greeting;
  /** The port that the header names, on the same host, if it is another and the host is this machine. */
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

/** A header, and the response that had it. */
interface Traced {
  header: TraceHeader;
  answer: Answer;
}

/** What a visit showed. */
interface Visited {
  traced: Traced | null;
  /** A response came from another origin than the last one. */
  isRedirected: boolean;
}

/** Asks at the address itself, at the port that the header names, and without either at the ports of neighbours. */
export async function findBridge(
  answers: readonly Answer[],
  settings: CallSettings,
): Promise<BridgeSight | null> {
  const last = answers.at(-1);
  if (last === undefined) return null;
  const { traced, hasSeveralHeaders, isHeaderUnreadable } = readHeaders(answers);
  const header = traced?.header ?? null;
  const { origin, hostname } = last.url;
  const visited = { traced, isRedirected: answers.some(({ url }) => url.origin !== origin) };
  const own = await greet({ origin: new URL(origin), address: last.address }, visited, settings);
  const at = isLoopbackHost(hostname) ? addressNamed(origin, header) : null;
  const named = at === null ? null : await greetNamed(at, visited, settings);
  const isFound = header !== null || hasSeveralHeaders || !isLoopbackHost(hostname);
  const neighbour = isFound ? null : await findNeighbour(origin, settings.answerMs);
  return { header, isHeaderUnreadable, hasSeveralHeaders, own, named, neighbour };
}

function readHeaders(answers: readonly Answer[]) {
  const found = answers.map((answer) => ({ answer, values: valuesOf(answer, TRACE_HEADER.toLowerCase()) }));
  const traced = found.flatMap(({ answer, values }): Traced[] => {
    const [value = "", ...more] = values;
    const header = more.length > 0 ? null : readTraceHeader(value);
    return header === null ? [] : [{ header, answer }];
  });
  return {
    traced: traced.at(-1) ?? null,
    hasSeveralHeaders: found.some(({ values }) => values.length > 1),
    isHeaderUnreadable: traced.length === 0 && found.some(({ values }) => values.length === 1),
  };
}

/** Null if the header names no port, or that of the address itself. */
function addressNamed(origin: string, header: TraceHeader | null): URL | null {
  if (header?.at == null) return null;
  const url = new URL(origin);
  url.protocol = header.at.isTls ? "https:" : "http:";
  url.port = String(header.at.port);
  return url.origin === origin ? null : url;
}

/** Any program can listen at that port: without the proof, it does not matter what it says. */
async function greetNamed(at: URL, visited: Visited, settings: CallSettings): Promise<Greeting> {
  const greeting = await greet({ origin: at, address: null }, visited, settings);
  if (greeting.kind === "failed" || greeting.isProven) return greeting;
  const { url, address, wasTokenSent, isProven } = greeting;
  return { url, address, wasTokenSent, isProven, kind: "unproven" };
}

/** The first answer is asked for without the token: only a bridge that wants it gets it, at the IP address that proved itself. */
async function greet(
  { origin, address }: { origin: URL; address: string | null },
  visited: Visited,
  { token, answerMs }: CallSettings,
): Promise<Greeting> {
  const traceId = visited.traced?.header.id ?? null;
  const first = await callHello(origin, { traceId, address, token: null, answerMs });
  if (first.kind !== "refused" || first.refusal.code !== "token-missing" || token === null) return first;
  const withheld = await findDoubt(first, visited, answerMs);
  if (withheld !== null) return { ...first, withheld };
  return await callHello(origin, { traceId, address: first.address, token, answerMs });
}

/** Why this bridge does not get the token; null if it does. */
async function findDoubt(
  greeting: Greeting,
  { traced, isRedirected }: Visited,
  answerMs: number,
): Promise<Withheld | null> {
  if (isRedirected) return "redirected";
  if (traced === null) return "no-trace";
  if (!greeting.isProven || greeting.address === null) return "unproven";
  return (await isBehindBoth(greeting, traced.answer, answerMs)) ? null : "two-servers";
}

/**
 * `localhost` has two addresses. If something listens at the one that was not visited, it has to be the same app: the
 * bridge proves that it made that response, too.
 */
async function isBehindBoth({ url, address }: Greeting, visit: Answer, answerMs: number): Promise<boolean> {
  const other = otherAddress(visit);
  if (other === null) return true;
  const second = await ask(visit.url, { headers: VISIT_HEADERS, address: other, answerMs });
  if (!isAnswer(second)) return NOTHING_LISTENS.has(second.code);
  const traceId = readHeaders([second]).traced?.header.id ?? null;
  return (await callHello(url, { traceId, address, token: null, answerMs })).isProven;
}

/** The last three: this machine has no IPv6, or no IPv4. */
const NOTHING_LISTENS: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "ENETUNREACH",
]);

/** Such a bridge gets no token: any program on this machine can listen there. */
async function findNeighbour(site: string, answerMs: number): Promise<BridgeSight["neighbour"]> {
  for (const port of LOOPBACK_PORTS) {
    const origin = new URL(`http://127.0.0.1:${port}`);
    const greeting = await callHello(origin, { traceId: null, address: null, token: null, answerMs });
    if (greeting.kind === "answered" && greeting.hello.serves?.includes(site) === true) return greeting;
  }
  return null;
}
