/**
 * A shared limit on the bodies that are being read or processed: one of any length that a call allows, or many small
 * ones. If they add up to too many bytes, the one that has waited longest for its next bytes is dropped.
 */
import { MAX_RESTORE_BYTES } from "../../protocol/address.ts";
import { Refused } from "../answers.ts";

/** The limits. */
interface BudgetLimits {
  /** Bytes of all bodies together: the longest allowed one, plus the overhead of its chunks. */
  bytes: number;
  /** Bodies that may be read at the same time. */
  bodies: number;
  /** A body must deliver `STEP_BYTES` more, or end, within this time. */
  stepMs: number;
}

const LIMITS: BudgetLimits = { bytes: MAX_RESTORE_BYTES + 8 * 1024 * 1024, bodies: 64, stepMs: 10_000 };
const STEP_BYTES = 64 * 1024;
/** Not counted for each body, so that a small call gets in however much the others hold. */
const FREE_BYTES = 64 * 1024;
/** What a chunk costs on top of its bytes. */
const PIECE_BYTES = 256;

/**
 * One body. Its first two members are those of `BodyMeter`; importing that type would add a dependency between folders.
 */
interface CountedBody {
  /** Counts the next bytes. */
  take(bytes: number): void;
  /** Aborted, with the refusal as its reason, when no more of the body should be kept. */
  readonly stopped: AbortSignal;
  /** The body is read completely: it still counts, but is no longer stopped. */
  arrived(): void;
  /** The call has been answered. */
  end(): void;
}

/** The bodies of all calls. */
interface BodyBudget {
  /** @param limit bytes that the call allows. @param tooLong the message when the body is longer */
  begin(limit: number, tooLong: string): CountedBody;
  /** Bytes that are counted now. */
  readonly bytes: number;
}

interface Body {
  read: number;
  cost: number;
  atStep: number;
  stop: AbortController;
  timer: NodeJS.Timeout;
}

/** A budget with no bodies yet. */
export function createBodyBudget(limits: BudgetLimits = LIMITS): BodyBudget {
  /** Bodies that are being read, the one that has waited longest first. */
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
    `The bridge holds at most ${mebibytes} MiB and ${limits.bodies} request bodies at a time, and this one had waited longest for its next bytes. Try again.`,
  );
}

function stalled({ stepMs }: BudgetLimits): Refused {
  return new Refused("malformed", `The body made no progress for ${stepMs / 1000} seconds. Send it again.`);
}
