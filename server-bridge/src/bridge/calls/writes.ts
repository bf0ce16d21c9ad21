/**
 * The calls that change a session: `edit`, `expiry`, `cycle`, `flush`, `restore`. Each compares before it swaps; what they
 * have in common is in `perform-write.ts`.
 */
import type { Capability, EditOperation, WriteAnswer } from "../../protocol/messages.ts";
import type { RequestOf } from "../../protocol/parse.ts";
import { Refused } from "../answers.ts";
import { applyEdit, EditError } from "./edit-json.ts";
import { readExpected, readExpectedText } from "./expected-session.ts";
import { createWriter, type WriterParts } from "./perform-write.ts";
import { unseal } from "./seal.ts";

interface WriteContext extends WriterParts {
  /** What the source can do and the settings let it. */
  capabilities: readonly Capability[];
}

/** The calls that write, by their names. */
type Writes = {
  [C in "edit" | "expiry" | "cycle" | "flush" | "restore"]: (request: RequestOf<C>) => Promise<WriteAnswer>;
};

/** Answers calls that write. Writes of one session wait for each other. */
export function createWrites(context: WriteContext): Writes {
  const { source, digests } = context;
  const writer = createWriter(context);
  const storedOf = async (request: { cookie: string; ifVersion: string }) =>
    (await readExpected(context, request)).stored;
  return {
    async edit(request) {
      const replace = required(source.replace, context, "edit");
      const { cookie, operations } = request;
      const perform = async () => {
        const { json, stored } = await readExpected(context, request);
        return replace.call(source, cookie, edited(json, operations), stored);
      };
      return writer.perform({ call: "edit", cookie, note: `: ${nameSteps(operations)}`, perform });
    },
    async expiry(request) {
      const changeExpiry = required(source.changeExpiry, context, "expiry");
      const { cookie, change } = request;
      const perform = async () => changeExpiry.call(source, cookie, change, await storedOf(request));
      return writer.perform({ call: "expiry", cookie, note: ` (${change.kind})`, perform });
    },
    async cycle(request) {
      const cycle = required(source.cycle, context, "cycle");
      const { cookie } = request;
      const perform = async () => cycle.call(source, cookie, await storedOf(request));
      return writer.perform({ call: "cycle", cookie, note: "", perform });
    },
    async flush(request) {
      const flush = required(source.flush, context, "flush");
      const { cookie } = request;
      const perform = async () => flush.call(source, cookie, await storedOf(request));
      return writer.perform({ call: "flush", cookie, note: "", perform });
    },
    async restore({ cookie, kept, replaces, ifVersion }) {
      const restore = required(source.restore, context, "restore");
      const copy = cookie === kept.cookie ? unseal(kept, digests.sealKey) : null;
      if (copy === null) {
        throw new Refused("not-possessed", "This copy was not made by this server for this cookie.");
      }
      const perform = async () => {
        if (ifVersion === undefined) return restore.call(source, copy, replaces);
        const expected = { version: ifVersion, isOver: writer.isOver(ifVersion) };
        const stored = await readExpectedText(source.read(cookie), expected, digests);
        return restore.call(source, copy, replaces, stored);
      };
      return writer.perform({ call: "restore", cookie, note: "", perform });
    },
  };
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
