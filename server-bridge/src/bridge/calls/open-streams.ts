/** Opens streams of traces for panels: how many at once, of which sessions, and the sessions that the recorder has to follow. */
import type { TracesRequest } from "../../protocol/messages.ts";
import type { Source } from "../../sources/source.ts";
import { Refused } from "../answers.ts";
import type { Digests } from "../redaction/digests.ts";
import type { KeyLineage } from "../traces/key-lineage.ts";
import type { Recorder } from "../traces/recorder.ts";
import type { TraceLog } from "../traces/trace-log.ts";
import { type StreamContext, streamTraces } from "./trace-stream.ts";

/** Panels that may listen at once; each keeps one connection open. */
const MAX_STREAMS = 16;

interface StreamParts {
  source: Source;
  log: TraceLog;
  lineage: KeyLineage;
  digests: Digests;
  recorder: Recorder;
  /** Milliseconds since 1970. */
  clock(): number;
  heartbeatMs: number;
  /** Why all streams have to end, or null. */
  closing(): string | null;
}

/** The streams that are open. */
interface Streams {
  /**
   * The lines of a new stream. It counts from when they are read: the reader may be gone before.
   *
   * @throws Refused when too many panels listen already
   */
  open(request: TracesRequest, connection: Pick<StreamContext, "gone" | "closing">): AsyncIterable<string>;
  readonly count: number;
}

/** No streams yet. */
export function createStreams(parts: StreamParts): Streams {
  const { source, digests, recorder, lineage } = parts;
  let count = 0;

  /** True for the sessions that a panel has shown the cookies of. */
  const follows = (proven: readonly string[]) => (keyIds: readonly string[]) => {
    const isTheirs = keyIds.some((one) => proven.some((keyId) => lineage.of(one) === lineage.of(keyId)));
    if (isTheirs) lineage.join(keyIds); // before its trace is made: the next request has the new key
    return isTheirs;
  };

  async function* readLines(
    events: AsyncIterable<object>,
    proven: readonly string[],
  ): AsyncGenerator<string> {
    count += 1;
    const unfollow = recorder.follow(follows(proven));
    try {
      for await (const event of events) yield `${JSON.stringify(event)}\n`;
    } finally {
      count -= 1;
      unfollow();
    }
  }

  return {
    open(request, connection) {
      if (count >= MAX_STREAMS) {
        throw new Refused("too-many-streams", `${MAX_STREAMS} panels are listening already. Close one.`);
      }
      recorder.flush();
      const proven = request.cookies.flatMap((cookie) => {
        const key = source.keyOf(cookie);
        return key === null ? [] : [digests.keyId(key)];
      });
      const closing = () => parts.closing() ?? connection.closing();
      const context = { ...parts, proven, gone: connection.gone, closing };
      return readLines(streamTraces(request, context), proven);
    },
    get count() {
      return count;
    },
  };
}
