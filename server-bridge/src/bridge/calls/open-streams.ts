/**
 * Opens streams of traces for panels: which sessions each stream covers, and which sessions the recorder must follow.
 */
import type { TracesRequest } from "../../protocol/messages.ts";
import type { Source } from "../../sources/source.ts";
import type { KeyLineage } from "../traces/key-lineage.ts";
import type { Recorder } from "../traces/recorder.ts";
import type { TraceLog } from "../traces/trace-log.ts";
import type { Claim, Proofs } from "./proof.ts";
import { createStreamPlaces, type StreamPlace } from "./stream-places.ts";
import { type StreamContext, streamTraces } from "./trace-stream.ts";

interface StreamParts {
  source: Pick<Source, "mismatches">;
  proofs: Proofs;
  /** Is given the owners of the traces in the log. */
  noteOwners(owners: readonly string[]): void;
  log: TraceLog;
  lineage: KeyLineage;
  recorder: Recorder;
  /** Milliseconds since 1970. */
  clock(): number;
  heartbeatMs: number;
  /** Why all streams must end, or null. */
  closing(): string | null;
}

/** The open streams. */
interface Streams {
  /**
   * The lines of a new stream. The stream counts as open until they have all been read or the reader has left.
   *
   * @throws Refused when too many panels are listening already
   */
  open(
    request: TracesRequest,
    connection: Pick<StreamContext, "gone" | "closing">,
  ): Promise<AsyncIterable<string>>;
  readonly count: number;
}

/** No open streams yet. */
export function createStreams(parts: StreamParts): Streams {
  const { proofs, recorder, lineage } = parts;
  const places = createStreamPlaces();

  /** True for sessions that a panel has proven. */
  const follows = (claim: Claim) => (keyIds: readonly string[]) => {
    const isTheirs = lineage.isFor(keyIds, claim.keyIds);
    if (isTheirs) lineage.join(keyIds); // before its trace is made, because the next request has the new key
    return isTheirs;
  };

  async function* readLines(
    events: AsyncIterable<object>,
    claim: Claim,
    place: StreamPlace,
    leave: () => void,
  ): AsyncGenerator<string> {
    const unfollow = recorder.follow(follows(claim));
    place.ended.addEventListener("abort", unfollow, { once: true }); // its reader may never read to the end
    try {
      for await (const event of events) yield `${JSON.stringify(event)}\n`;
    } finally {
      leave();
      unfollow();
    }
  }

  const takePlace = (claim: Claim): StreamPlace => {
    try {
      return places.take([...claim.keyIds]);
    } catch (error) {
      claim.end();
      throw error;
    }
  };

  return {
    async open(request, connection) {
      recorder.flush();
      const claim = await proofs.claim(request.cookies);
      const place = takePlace(claim);
      const leave = () => {
        place.leave();
        claim.end();
      };
      place.ended.addEventListener("abort", leave, { once: true });
      if (connection.gone.aborted) leave();
      connection.gone.addEventListener("abort", leave, { once: true }); // perhaps before it has read a line
      const closing = () =>
        place.ended.aborted ? String(place.ended.reason) : (parts.closing() ?? connection.closing());
      const gone = AbortSignal.any([connection.gone, place.ended]);
      const { mismatches } = parts.source;
      const context = { ...parts, mismatches, proven: claim.keyIds, gone, closing };
      return readLines(streamTraces(request, context), claim, place, leave);
    },
    get count() {
      return places.count;
    },
  };
}
