/**
 * A common bound on the bodies that are being read or worked on: one of any length that a call allows, or many small ones. Where
 * they would be too many bytes together, the one that has waited longest for its next bytes gives way.
 */
import { MAX_RESTORE_BYTES } from "../../protocol/address.ts";
import { Refused } from "../answers.ts";

/** The bounds. */
interface BudgetLimits {
  /** Bytes of all bodies together: one of the longest, and what its pieces cost. */
  bytes: number;
  /** Bodies that are being read at once. */
  bodies: number;
  /** A body has to bring `STEP_BYTES` more, or to end, within this time. */
  stepMs: number;
}

const LIMITS: BudgetLimits = { bytes: MAX_RESTORE_BYTES + 8 * 1024 * 1024, bodies: 64, stepMs: 10_000 };
const STEP_BYTES = 64 * 1024;
/** Not counted of each body, so that a small call gets in whatever the others hold. */
const FREE_BYTES = 64 * 1024;
/** What a piece costs next to its bytes. */
const PIECE_BYTES = 256;

/** One body. Its first two members are what a `BodyMeter` is; imported, that would be one more arrow between rooms. */
interface CountedBody {
  /** Takes the length of the next bytes. */
  take(bytes: number): void;
  /** Aborted, with the refusal as its reason, when no more of the body is to be kept. */
  readonly stopped: AbortSignal;
  /** It is read whole: it counts on, and is not stopped any more. */
  arrived(): void;
  /** The call is answered. */
  end(): void;
}

/** The bodies of all calls. */
interface BodyBudget {
  /** @param limit bytes that the call allows. @param tooLong says so where it is longer */
  begin(limit: number, tooLong: string): CountedBody;
  /** What is counted now. */
  readonly bytes: number;
}

interface Body {
  read: number;
  cost: number;
  atStep: number;
  stop: AbortController;
  timer: NodeJS.Timeout;
}

/** No bodies yet. */
export function createBodyBudget(limits: BudgetLimits = LIMITS): BodyBudget {
  /** Those that are being read, the one that waits longest first. */
  const reading = new Set<Body>();
  let bytes = 0;
  const counted = ({ cost }: Body) => Math.max(0, cost - FREE_BYTES);

  const stop = (body: Body, refused: Refused) => {
    if (!reading.delete(body)) return;
    clearTimeout(body.timer);
    bytes -= counted(body);
    body.cost = 0;
    body.stop.abort(refused);
  };
  const stopOldest = (isMeant: (body: Body) => boolean) => {
    const oldest = [...reading].find(isMeant);
    if (oldest !== undefined) stop(oldest, tooMany(limits));
  };
  const counts = (body: Body) => counted(body) > 0;

  const take = (body: Body, length: number, { limit, tooLong }: { limit: number; tooLong: string }) => {
    if (!reading.delete(body)) return;
    reading.add(body);
    bytes -= counted(body);
    body.read += length;
    body.cost += length + PIECE_BYTES;
    bytes += counted(body);
    if (body.read > limit) stop(body, new Refused("too-large", tooLong));
    while (bytes > limits.bytes && counts(body)) stopOldest(counts);
    if (body.read - body.atStep < STEP_BYTES) return;
    body.atStep = body.read;
    body.timer.refresh();
  };

  return {
    begin(limit, tooLong) {
      const timer = setTimeout(() => stop(body, stalled(limits)), limits.stepMs);
      timer.unref();
      const body: Body = { read: 0, cost: 0, atStep: 0, stop: new AbortController(), timer };
      reading.add(body);
      if (reading.size > limits.bodies) stopOldest(() => true);
      return {
        stopped: body.stop.signal,
        take: (length) => take(body, length, { limit, tooLong }),
        arrived() {
          reading.delete(body);
          clearTimeout(timer);
        },
        end() {
          reading.delete(body);
          clearTimeout(timer);
          bytes -= counted(body);
          body.cost = 0;
        },
      };
    },
    get bytes() {
      return bytes;
    },
  };
}

function tooMany(limits: BudgetLimits): Refused {
  const mebibytes = Math.floor(limits.bytes / 1024 / 1024);
  return new Refused(
    "too-large",
    `The bridge holds ${mebibytes} MiB and ${limits.bodies} bodies of calls at once, and this one waited longest for its next bytes. Try again.`,
  );
}

function stalled({ stepMs }: BudgetLimits): Refused {
  return new Refused("malformed", `The body stopped coming for ${stepMs / 1000} seconds. Send it again.`);
}
