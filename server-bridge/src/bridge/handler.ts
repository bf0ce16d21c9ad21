/** Answers the bridge's calls: parses, dispatches, and turns every failure into a refusal. Knows no HTTP framework. */
import { describeError } from "../core/errors.ts";
import { CHALLENGE_HEADER, maxBodyBytes, PROOF_HEADER } from "../protocol/address.ts";
import { readChallenge } from "../protocol/challenge.ts";
import { type CallName, PROTOCOL_VERSION } from "../protocol/messages.ts";
import { ProtocolError, parseRequest, readProtocol } from "../protocol/parse.ts";
import type { Source } from "../sources/source.ts";
import { jsonAnswer, Refused, refusalAnswer, streamAnswer } from "./answers.ts";
import { createBodyBudget } from "./calls/body-budget.ts";
import { createDevices } from "./calls/devices.ts";
import { createStreams } from "./calls/open-streams.ts";
import { createProofs } from "./calls/proof.ts";
import { capabilitiesOf, helloAnswer, sessionAnswer } from "./calls/reads.ts";
import { createWrites } from "./calls/writes.ts";
import { judge, tooLarge, type Verdict } from "./guard/guard.ts";
import { createProxyTripwire } from "./guard/proxy-tripwire.ts";
import { type HttpAnswer, type HttpFacts, headerValues, type ReadBody } from "./http.ts";
import type { BridgeSettings } from "./options.ts";
import type { Digests } from "./redaction/digests.ts";
import type { KeyLineage } from "./traces/key-lineage.ts";
import type { RecentIds } from "./traces/recent-ids.ts";
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
  recent: RecentIds;
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

/** What has been decided about a call. */
type Judged = Exclude<Verdict, { kind: "pass" }>;

/** Where the body of a call comes from, and where its answer goes. */
interface Caller {
  readBody: ReadBody;
  connection: Connection;
}

/** The bridge without HTTP: which requests are for it, and its answers. */
export interface Handler {
  /** Looks at every request to the app; returns whether it is a call for the bridge. */
  judge(facts: HttpFacts): Verdict;
  /** Answers a call that does not continue to the app. Never rejects. */
  answer(verdict: Judged, facts: HttpFacts, caller: Caller): Promise<HttpAnswer>;
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
  log.watch(({ trace, owners }) => {
    if (log.isShared) parts.recent.noteShared(trace.id);
    noteOwners(owners);
  });
  const writes = createWrites({ ...parts, ...settings, proofs, capabilities, log: settings.log });
  const devices = createDevices({ ...parts, ...settings, proofs, capabilities, log: settings.log });
  const tripwire = createProxyTripwire(settings, settings.log);
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
    if (call === "devices") return jsonAnswer(200, await devices.list(parseRequest(call, body)));
    if (call === "end-others") return jsonAnswer(200, await devices.endOthers(parseRequest(call, body)));
    if (call === "restore-others")
      return jsonAnswer(200, await devices.restoreOthers(parseRequest(call, body)));
    return jsonAnswer(200, await writes.restore(parseRequest(call, body)));
  };

  const perform = async (call: CallName, { readBody, connection }: Caller): Promise<HttpAnswer> => {
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
  };

  return {
    judge(facts) {
      const mark = tripwire.watch(facts);
      return judge(facts, settings, tripwire.seen) ?? { kind: "pass", mark };
    },
    async answer(verdict, facts, caller) {
      const answer =
        verdict.kind === "refuse"
          ? refusalAnswer({ ...verdict, session: undefined })
          : await perform(verdict.call, caller);
      return withProof(answer, facts, parts.recent);
    },
    get streams() {
      return streams.count;
    },
  };
}

/** Adds the proof that a call asked for, also to a refusal: the token is sent only after it. */
function withProof(answer: HttpAnswer, { rawHeaders }: HttpFacts, recent: RecentIds): HttpAnswer {
  const [sent, ...more] = headerValues(rawHeaders, CHALLENGE_HEADER.toLowerCase());
  const challenge = sent === undefined || more.length > 0 ? null : readChallenge(sent);
  const proof = challenge && recent.prove(challenge);
  return proof === null ? answer : { ...answer, headers: [...answer.headers, [PROOF_HEADER, proof]] };
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
