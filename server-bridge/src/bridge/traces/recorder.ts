/**
 * The bridge's observer: gives every request its id, follows what its session does, and has one trace made for the log
 * when the response's head is sent. Nothing here throws into the app.
 */
import type { Observation, Observer, RequestFacts } from "../../core/observers/observer.ts";
import { captureWrite, type PanelWrite } from "./panel-write.ts";
import { createTraceMaker, type TraceMakerOptions } from "./trace-maker.ts";
import { createTraceQueues } from "./trace-queues.ts";
import { type Exchange, TrackedRequest, type TrackingContext } from "./tracked-request.ts";

/** Gives requests their ids, and has their traces made. */
export interface Recorder {
  readonly observer: Observer;
  /** A request of the app came in; the same again for one that is known. `identity` is what the observer knows it by. */
  begin(method: string, path: string, identity: object): Exchange;
  /** Notes a panel's edit; returns its trace's id. */
  write(write: PanelWrite): string;
  /** Makes the traces that wait to be made, so that the log has everything. */
  flush(): void;
  /**
   * A panel follows the sessions of which `wants` says true, given their key ids: from now on none of their traces is
   * given up for want of time. Returns the undoing.
   */
  follow(wants: (keyIds: readonly string[]) => boolean): () => void;
}

type RecorderOptions = TraceMakerOptions & Pick<TrackingContext, "clock" | "newId" | "sampleWriter">;

/** A recorder that has seen no request yet. */
export function createRecorder(options: RecorderOptions): Recorder {
  /** Under this the request object carries what is followed of it: a property costs a tenth of a WeakMap's entry. */
  const tracked = Symbol("session-bridge.tracked");
  type Carrier = { [tracked]?: TrackedRequest };
  const { now, log } = options;
  const make = createTraceMaker(options);
  const queues = createTraceQueues(make, options);
  const context: TrackingContext = {
    ...options,
    finish: queues.add,
    giveUp: () => log.skip?.(),
  };

  const track = (method: string, path: string, identity: object, waitsForHead: boolean): TrackedRequest => {
    const one = new TrackedRequest(method, path, context, waitsForHead);
    (identity as Carrier)[tracked] = one; // no one else has the symbol
    return one;
  };

  return {
    observer: {
      opened({ method, path, identity }: RequestFacts): Observation | undefined {
        const known = (identity as Carrier)[tracked]; // as above
        return (known ?? track(method, path, identity, false)).observe();
      },
    },
    begin(method, path, identity) {
      const known = (identity as Carrier)[tracked]; // as above
      known?.waitForHead();
      return known ?? track(method, path, identity, true);
    },
    write({ path, ...write }) {
      const endedAtMs = now();
      const { durationMs } = write;
      const id = options.newId();
      const part = { id, at: options.clock(), method: "POST", path, status: 200, durationMs, endedAtMs };
      queues.flush();
      make({ part, capture: captureWrite(write, endedAtMs), origin: "panel", superseded: false });
      return id;
    },
    flush: queues.flush,
    follow: queues.follow,
  };
}
