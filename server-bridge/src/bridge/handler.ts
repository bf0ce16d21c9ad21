/** Answers the bridge's calls: parses, dispatches, and turns every failure into a refusal. Knows no HTTP framework. */
import { maxBodyBytes } from "../protocol/address.ts";
import { type CallName, PROTOCOL_VERSION } from "../protocol/messages.ts";
import { ProtocolError, parseRequest, readProtocol } from "../protocol/parse.ts";
import type { Source } from "../sources/source.ts";
import { jsonAnswer, Refused, refusalAnswer, streamAnswer } from "./answers.ts";
import { createStreams } from "./calls/open-streams.ts";
import { capabilitiesOf, helloAnswer, sessionAnswer } from "./calls/reads.ts";
import { createWrites } from "./calls/writes.ts";
import { judge, tooLarge, type Verdict } from "./guard/guard.ts";
import { createProxyTripwire } from "./guard/proxy-tripwire.ts";
import type { HttpAnswer, HttpFacts, ReadBody } from "./http.ts";
import type { BridgeSettings } from "./options.ts";
import type { Digests } from "./redaction/digests.ts";
import type { KeyLineage } from "./traces/key-lineage.ts";
import type { Recorder } from "./traces/recorder.ts";
import type { TraceLog } from "./traces/trace-log.ts";

/** What a handler is made of. */
interface HandlerParts {
  source: Source;
  settings: BridgeSettings;
  log: TraceLog;
  lineage: KeyLineage;
  digests: Digests;
  recorder: Recorder;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  /** Why streams have to end, or null. */
  closing(): string | null;
}

/** What a connection can tell while it is being answered. */
export interface Connection {
  /** Aborted when the caller is gone. */
  gone: AbortSignal;
  /** Why the connection has to end, or null. */
  closing(): string | null;
}

/** The bridge without HTTP: which requests are for it, and its answers. */
export interface Handler {
  /** Looks at every request of the app; says whether it is a call for the bridge. */
  judge(facts: HttpFacts): Verdict;
  /** Answers a call that was admitted. Never rejects. */
  answer(call: CallName, readBody: ReadBody, connection: Connection): Promise<HttpAnswer>;
  /** Streams that are open now. */
  readonly streams: number;
}

/** A handler over a source. It holds what is open: streams, writes that wait, the tripwire. */
export function createHandler(parts: HandlerParts): Handler {
  const { source, settings, digests, log } = parts;
  const capabilities = capabilitiesOf(source, settings.allowEdit);
  const writes = createWrites({ ...parts, ...settings, capabilities, log: settings.log });
  const tripwire = createProxyTripwire(settings.hosts, (seen) => {
    if (settings.token !== null) return;
    settings.log(
      `[session-bridge] CLOSED until the next start: ${seen}. To use the Sessions tab behind a proxy, set SESSION_BRIDGE_TOKEN.`,
    );
  });
  const streams = createStreams({ ...parts, ...settings, log });

  const dispatch = async (call: CallName, body: unknown, connection: Connection): Promise<HttpAnswer> => {
    const serverTime = settings.clock();
    if (call === "hello") {
      parseRequest(call, body);
      return jsonAnswer(200, helloAnswer(source, capabilities, { serverTime, process: log.id }));
    }
    if (call === "session") {
      return jsonAnswer(200, await sessionAnswer(source, parseRequest(call, body), { digests, serverTime }));
    }
    if (call === "traces") return streamAnswer(streams.open(parseRequest(call, body), connection));
    if (call === "edit") return jsonAnswer(200, await writes.edit(parseRequest(call, body)));
    if (call === "expiry") return jsonAnswer(200, await writes.expiry(parseRequest(call, body)));
    if (call === "cycle") return jsonAnswer(200, await writes.cycle(parseRequest(call, body)));
    if (call === "flush") return jsonAnswer(200, await writes.flush(parseRequest(call, body)));
    return jsonAnswer(200, await writes.restore(parseRequest(call, body)));
  };

  return {
    judge(facts) {
      if (!settings.allowRemote) tripwire.watch(facts);
      return judge(facts, settings, tripwire.closed);
    },
    async answer(call, readBody, connection) {
      try {
        const body = parseBody(call, await readBody(maxBodyBytes(call)));
        return await dispatch(call, body, connection);
      } catch (error) {
        return toRefusalAnswer(call, error, settings.log);
      }
    },
    get streams() {
      return streams.count;
    },
  };
}

/** The answer to a call that ended in an error; what is not a refusal gets a line on the terminal. */
function toRefusalAnswer(call: CallName, error: unknown, log: (line: string) => void): HttpAnswer {
  if (error instanceof Refused) return refusalAnswer(error);
  if (error instanceof ProtocolError) return refusalAnswer(new Refused("malformed", error.message));
  log(`[session-bridge] ${call} failed: ${describeFailure(error)}`);
  return refusalAnswer(new Refused("failed", "The session store failed. The server's terminal says more."));
}

/** The body as JSON of this protocol's version, or a refusal. */
function parseBody(call: CallName, text: string | null): unknown {
  if (text === null) throw new Refused("too-large", tooLarge(call).message);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused("malformed", "The body is not JSON.");
  }
  const version = readProtocol(body);
  if (version !== null && version !== PROTOCOL_VERSION) {
    throw new Refused(
      "version",
      `This bridge speaks version ${PROTOCOL_VERSION} of the protocol, the panel version ${version}. Update the older of both.`,
    );
  }
  return body;
}

/** Name and code of an error, and its message without anything that looks like a key or a token. */
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return "something that is no Error was thrown";
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  return `${error.name}${code}: ${error.message.replace(/[\w.:%/+=-]{20,}/g, "…").slice(0, 500)}`;
}
