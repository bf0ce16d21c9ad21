/** Answers the bridge's calls: parses, dispatches, and turns every failure into a refusal. Knows no HTTP framework. */
import { describeError } from "../core/errors.ts";
import { maxBodyBytes } from "../protocol/address.ts";
import { type CallName, PROTOCOL_VERSION } from "../protocol/messages.ts";
import { ProtocolError, parseRequest, readProtocol } from "../protocol/parse.ts";
import type { Source } from "../sources/source.ts";
import { jsonAnswer, Refused, refusalAnswer, streamAnswer } from "./answers.ts";
import { createBodyBudget } from "./calls/body-budget.ts";
import { createStreams } from "./calls/open-streams.ts";
import { createProofs } from "./calls/proof.ts";
import { capabilitiesOf, helloAnswer, sessionAnswer } from "./calls/reads.ts";
import { createWrites } from "./calls/writes.ts";
import { judge, REOPEN, tooLarge, type Verdict } from "./guard/guard.ts";
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
  const proofs = createProofs(source, digests);
  /** Whose a trace is tells two things: these keys are the library's own, and they are one session over time. */
  const noteOwners = (owners: readonly string[]) => {
    proofs.noteOwners(owners);
    parts.lineage.join(owners);
  };
  log.watch(({ owners }) => noteOwners(owners));
  const writes = createWrites({ ...parts, ...settings, proofs, capabilities, log: settings.log });
  const tripwire = createProxyTripwire(settings.hosts, {
    proxy(seen) {
      if (settings.token !== null) return;
      settings.log(`[session-bridge] CLOSED until the next start: ${seen}. ${REOPEN}`);
    },
    host: (line) => settings.log(`[session-bridge] ${line}`),
  });
  const streams = createStreams({ ...parts, ...settings, proofs, noteOwners, log });
  const bodies = createBodyBudget();

  const dispatch = async (call: CallName, body: unknown, connection: Connection): Promise<HttpAnswer> => {
    const serverTime = settings.clock();
    if (call === "hello") {
      parseRequest(call, body);
      return jsonAnswer(200, helloAnswer(source, capabilities, { serverTime, process: log.id }));
    }
    if (call === "session") {
      return jsonAnswer(
        200,
        await sessionAnswer(source, parseRequest(call, body), { proofs, digests, serverTime }),
      );
    }
    if (call === "traces") return streamAnswer(await streams.open(parseRequest(call, body), connection));
    if (call === "edit") return jsonAnswer(200, await writes.edit(parseRequest(call, body)));
    if (call === "expiry") return jsonAnswer(200, await writes.expiry(parseRequest(call, body)));
    if (call === "cycle") return jsonAnswer(200, await writes.cycle(parseRequest(call, body)));
    if (call === "flush") return jsonAnswer(200, await writes.flush(parseRequest(call, body)));
    return jsonAnswer(200, await writes.restore(parseRequest(call, body)));
  };

  return {
    judge(facts) {
      if (!settings.allowRemote) tripwire.watch(facts);
      return judge(facts, settings, tripwire.seen);
    },
    async answer(call, readBody, connection) {
      const body = bodies.begin(maxBodyBytes(call), tooLarge(call).message);
      try {
        const text = await readBody(body);
        if (text === null) throw body.stopped.reason;
        body.arrived();
        return await dispatch(call, parseBody(text), connection);
      } catch (error) {
        return toRefusalAnswer(call, error, settings.log);
      } finally {
        body.end();
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
  log(`[session-bridge] ${call} failed: ${describeError(error)}`);
  return refusalAnswer(new Refused("failed", "The session store failed. The server's terminal says more."));
}

/** The body as JSON of this protocol's version, or a refusal. */
function parseBody(text: string): unknown {
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
