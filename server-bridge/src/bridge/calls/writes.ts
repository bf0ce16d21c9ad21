/**
 * The calls that change a session: `edit`, `expiry`, `cycle`, `flush`, `restore`. Each compares before it swaps, leaves a
 * trace with origin *panel* and one line on the terminal, and hands back a sealed copy of what was there.
 */
import { BRIDGE_PATH } from "../../protocol/address.ts";
import type { Capability, EditOperation, OperationName, WriteAnswer } from "../../protocol/messages.ts";
import type { RequestOf } from "../../protocol/parse.ts";
import type { ReadResult, Source, StoredView, WriteResult } from "../../sources/source.ts";
import { Refused } from "../answers.ts";
import { type Digests, shortKey } from "../redaction/digests.ts";
import type { Recorder } from "../traces/recorder.ts";
import { applyEdit, EditError } from "./edit-json.ts";
import { toState } from "./reads.ts";
import { seal, unseal } from "./seal.ts";

/** Writes whose ends are remembered: more than anybody takes back. */
const MAX_ENDS = 1_000;

export type WriteCall = "edit" | "expiry" | "cycle" | "flush" | "restore";

export interface WriteContext {
  source: Source;
  capabilities: readonly Capability[];
  digests: Digests;
  recorder: Recorder;
  clock(): number;
  now(): number;
  log(line: string): void;
}

/** How each call is named in its trace's operations. */
const OPERATIONS: { [C in WriteCall]: OperationName } = {
  edit: "save",
  expiry: "save",
  cycle: "cycle",
  flush: "flush",
  restore: "save",
};

/** Answers calls that write. Writes of one session wait for each other. */
export function createWrites(context: WriteContext) {
  const { source, digests } = context;
  const waiting = new Map<string, Promise<unknown>>();
  /** When what a panel has written ends, by its version: then there is nothing, and that is no other's doing. */
  const ends = new Map<string, number>();

  const inTurn = async <T>(cookie: string, run: () => Promise<T>): Promise<T> => {
    const keyId = digests.keyId(source.keyOf(cookie) ?? "");
    const turn = (waiting.get(keyId) ?? Promise.resolve()).then(run, run);
    waiting.set(keyId, turn);
    try {
      return await turn;
    } finally {
      if (waiting.get(keyId) === turn) waiting.delete(keyId);
    }
  };

  const answer = (call: WriteCall, cookie: string, note: string, perform: () => Promise<WriteResult>) =>
    inTurn(cookie, async (): Promise<WriteAnswer> => {
      const startedMs = context.now();
      const result = await perform();
      if (!result.ok) throw refusalOf(result, digests);
      const { before, after } = result;
      if (after !== null && after.expiresAtMs !== null) {
        ends.set(digests.version(after.key, after.stored), after.expiresAtMs);
        for (const oldest of ends.keys()) if (ends.size > MAX_ENDS) ends.delete(oldest);
      }
      const durationMs = context.now() - startedMs;
      const operation = OPERATIONS[call];
      const traceId = context.recorder.write({
        path: BRIDGE_PATH + call,
        operation,
        durationMs,
        before,
        after,
      });
      context.log(`[session-bridge] panel: ${call} of session ${shortKey(before.key)}${note}`);
      return {
        serverTime: context.clock(),
        session: after === null ? null : toState(after, digests),
        cookie: result.cookie,
        cookieExpiresAt: result.cookieExpiresAtMs,
        kept: seal(before, cookie, digests.sealKey),
        traceId,
      };
    });

  /** The stored session that the caller saw, or a refusal. */
  const seen = async (cookie: string, ifVersion: string): Promise<StoredView> => {
    const read = await possessed(source, cookie);
    if (!read.found) throw gone();
    if (digests.version(read.view.key, read.view.stored) !== ifVersion) throw conflict(read.view, digests);
    return read.view;
  };

  return {
    edit({ cookie, operations, ifVersion }: RequestOf<"edit">) {
      const replace = required(source.replace, context, "edit");
      return answer("edit", cookie, `: ${nameSteps(operations)}`, async () => {
        const { json, stored } = await seen(cookie, ifVersion);
        return replace.call(source, cookie, edited(json, operations), stored);
      });
    },
    expiry({ cookie, change, ifVersion }: RequestOf<"expiry">) {
      const changeExpiry = required(source.changeExpiry, context, "expiry");
      return answer("expiry", cookie, ` (${change.kind})`, async () =>
        changeExpiry.call(source, cookie, change, (await seen(cookie, ifVersion)).stored),
      );
    },
    cycle({ cookie, ifVersion }: RequestOf<"cycle">) {
      const cycle = required(source.cycle, context, "cycle");
      return answer("cycle", cookie, "", async () =>
        cycle.call(source, cookie, (await seen(cookie, ifVersion)).stored),
      );
    },
    flush({ cookie, ifVersion }: RequestOf<"flush">) {
      const flush = required(source.flush, context, "flush");
      return answer("flush", cookie, "", async () =>
        flush.call(source, cookie, (await seen(cookie, ifVersion)).stored),
      );
    },
    restore({ cookie, kept, replaces, ifVersion }: RequestOf<"restore">) {
      const restore = required(source.restore, context, "restore");
      const copy = cookie === kept.cookie ? unseal(kept, digests.sealKey) : null;
      if (copy === null) {
        throw new Refused("not-possessed", "This copy was not made by this server for this cookie.");
      }
      return answer("restore", cookie, "", async () => {
        if (ifVersion === undefined) return restore.call(source, copy, replaces);
        const isOver =
          ifVersion !== null && (ends.get(ifVersion) ?? Number.POSITIVE_INFINITY) <= context.clock();
        const stored = await storedIf(source.read(cookie), { version: ifVersion, isOver }, digests);
        return restore.call(source, copy, replaces, stored);
      });
    },
  };
}

/** The text now stored if it has that version (null: nothing; also when its time is over), or a refusal. */
async function storedIf(
  reading: Promise<ReadResult>,
  { version, isOver }: { version: string | null; isOver: boolean },
  digests: Digests,
): Promise<string | null> {
  const read = await reading;
  if (!read.found) {
    if (version === null || isOver) return null;
    throw gone();
  }
  if (digests.version(read.view.key, read.view.stored) !== version) throw conflict(read.view, digests);
  return read.view.stored;
}

async function possessed(source: Source, cookie: string): Promise<ReadResult> {
  if (source.keyOf(cookie) === null) {
    throw new Refused("not-possessed", "The cookie's value is no session key of this server.");
  }
  return source.read(cookie);
}

function required<T>(method: T | undefined, { capabilities, source }: WriteContext, name: Capability): T {
  if (method !== undefined && capabilities.includes(name)) return method;
  const why = source.capabilities.includes(name)
    ? "Remote callers may not edit here. Pass allowEdit: true to openBridge to let them."
    : `${source.library.name} with engine ${source.engine} cannot do this.`;
  throw new Refused("capability", why);
}

function edited(json: string, operations: readonly EditOperation[]): string {
  try {
    return applyEdit(json, operations);
  } catch (error) {
    if (error instanceof EditError) throw new Refused("malformed", error.message);
    throw error;
  }
}

function refusalOf(result: Extract<WriteResult, { ok: false }>, digests: Digests): Refused {
  if (result.reason === "unfit") return new Refused("malformed", result.why);
  return result.reason === "conflict" ? conflict(result.now, digests) : gone();
}

function conflict(now: StoredView, digests: Digests): Refused {
  return new Refused("conflict", "The session was changed meanwhile.", toState(now, digests));
}

function gone(): Refused {
  return new Refused("gone", "There is no session for this cookie any more.");
}

/** `set "username"; delete "cart.0"`: paths, never values, and no letter that a terminal would obey. */
function nameSteps(operations: readonly EditOperation[]): string {
  const shown = operations.slice(0, 10).map(({ op, path }) => {
    const name = JSON.stringify(path.join(".").slice(0, 80)).replace(
      /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
      "?",
    );
    return `${op} ${name}`;
  });
  return (
    shown.join("; ") +
    (operations.length > shown.length ? `; and ${operations.length - shown.length} more` : "")
  );
}
