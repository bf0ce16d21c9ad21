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

/** The parts of a handler. */
interface HandlerParts {
  source: Source;
  settings: BridgeSettings;
  log: TraceLog;
  lineage: KeyLineage;
  digests: Digests;
  recorder: Recorder;
  /** Milliseconds by a monotonic clock. */
  now(): number;
  /** Why streams must end, or null. */
  closing(): string | null;
}

/** What the connection reports while it is being answered. */
export interface Connection {
  /** Aborted when the caller has left. */
  gone: AbortSignal;
  /** Why the connection must end, or null. */
  closing(): string | null;
}

/** The bridge without HTTP: which requests are for it, and its answers. */
export interface Handler {
  /** Looks at every request to the app; returns whether it is a call for the bridge. */
  judge(facts: HttpFacts): Verdict;
  /** Answers an admitted call. Never rejects. */
  answer(call: CallName, readBody: ReadBody, connection: Connection): Promise<HttpAnswer>;
  /** Streams that are open now. */
  readonly streams: number;
}

/** A handler for one source. It holds everything that is open: streams, waiting writes, the tripwire. */
export function createHandler(parts: HandlerParts): Handler {
  const { source, settings, digests, log } = parts;
  const capabilities = capabilitiesOf(source, settings.allowEdit);
  const proofs = createProofs(source, digests);
  /** A trace's owners show two things: these keys are the library's own, and they are one session over time. */
  const noteOwners = (owners: readonly string[]) => {
    proofs.noteOwners(owners);
    parts.lineage.join(owners);
  };
  log.watch(({ owners }) => noteOwners(owners));
  const writes = createWrites({ ...parts, ...settings, proofs, capabilities, log: settings.log });
  const tripwire = createProxyTripwire(settings.hosts, {
    proxy(seen) {
      if (settings.token !== null) return;
      settings.log(`CLOSED until the next start: ${seen}. ${REOPEN}`);
    },
    host: (line) => settings.log(line),
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

/** The answer to a call that failed; anything but a refusal gets a line on the terminal. */
function toRefusalAnswer(call: CallName, error: unknown, log: (line: string) => void): HttpAnswer {
  if (error instanceof Refused) return refusalAnswer(error);
  if (error instanceof ProtocolError) return refusalAnswer(new Refused("malformed", error.message));
  log(`${call} failed: ${describeError(error)}`);
  return refusalAnswer(new Refused("failed", "The session store failed. See the server's terminal."));
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
      `This bridge speaks version ${PROTOCOL_VERSION} of the protocol, the panel version ${version}. Update the older of the two.`,
    );
  }
  return body;
}
