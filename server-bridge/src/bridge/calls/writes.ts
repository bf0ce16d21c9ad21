/**
 * The calls that change a session: `edit`, `expiry`, `cycle`, `flush`, `restore`. Each compares before it swaps; the
 * steps they share are in `perform-write.ts`.
 */
import type { Capability, EditOperation, WriteAnswer } from "../../protocol/messages.ts";
import type { RequestOf } from "../../protocol/parse.ts";
import type { ProvenKey, Source } from "../../sources/source.ts";
import { Refused } from "../answers.ts";
import { applyEdit, EditError } from "./edit-json.ts";
import { readExpected, readExpectedText, requireProven } from "./expected-session.ts";
import { createWriter, type WriterParts } from "./perform-write.ts";
import type { Proofs } from "./proof.ts";
import { unseal } from "./seal.ts";

interface WriteContext extends WriterParts {
  source: Source;
  proofs: Proofs;
  /** What the source can do and the settings allow. */
  capabilities: readonly Capability[];
}

/** The calls that write, by name. */
type Writes = {
  [C in "edit" | "expiry" | "cycle" | "flush" | "restore"]: (request: RequestOf<C>) => Promise<WriteAnswer>;
};

/** Answers the calls that write. Writes to one session wait for each other. */
export function createWrites(context: WriteContext): Writes {
  const { source, proofs, digests } = context;
  const writer = createWriter(context);
  const storedOf = async (key: ProvenKey, ifVersion: string) =>
    (await readExpected(context, { key, ifVersion })).stored;
  return {
    async edit({ cookie, operations, ifVersion }) {
      const replace = required(source.replace, context, "edit");
      const key = await requireProven(proofs, cookie);
      const perform = async () => {
        const { json, stored } = await readExpected(context, { key, ifVersion });
        return replace.call(source, key, edited(json, operations), stored);
      };
      return writer.perform({ call: "edit", cookie, key, note: `: ${nameSteps(operations)}`, perform });
    },
    async expiry({ cookie, change, ifVersion }) {
      const changeExpiry = required(source.changeExpiry, context, "expiry");
      const key = await requireProven(proofs, cookie);
      const perform = async () => changeExpiry.call(source, key, change, await storedOf(key, ifVersion));
      return writer.perform({ call: "expiry", cookie, key, note: ` (${change.kind})`, perform });
    },
    async cycle({ cookie, ifVersion }) {
      const cycle = required(source.cycle, context, "cycle");
      const key = await requireProven(proofs, cookie);
      const perform = async () => cycle.call(source, key, await storedOf(key, ifVersion));
      return writer.perform({ call: "cycle", cookie, key, note: "", perform });
    },
    async flush({ cookie, ifVersion }) {
      const flush = required(source.flush, context, "flush");
      const key = await requireProven(proofs, cookie);
      const perform = async () => flush.call(source, key, await storedOf(key, ifVersion));
      return writer.perform({ call: "flush", cookie, key, note: "", perform });
    },
    async restore({ cookie, kept, replaces, ifVersion }) {
      const restore = required(source.restore, context, "restore");
      const opened = cookie === kept.cookie ? unseal(kept, digests.sealKey) : null;
      const copy = opened && (await proofs.proveSealed(opened, cookie));
      if (copy === null) {
        throw new Refused("not-possessed", "This server did not make this copy for this cookie.");
      }
      const replaced = await keyToReplace(proofs, replaces);
      const perform = async () => {
        if (ifVersion === undefined) return restore.call(source, copy, replaced);
        const expected = { version: ifVersion, isOver: writer.isOver(ifVersion) };
        const stored = await readExpectedText(source.read(copy.key), expected, digests);
        return restore.call(source, copy, replaced, stored);
      };
      return writer.perform({ call: "restore", cookie, key: copy.key, note: "", perform });
    },
  };
}

/** The key of the session that a restore deletes; null if there is none, or no longer one. */
async function keyToReplace(proofs: Proofs, possession: string | null): Promise<ProvenKey | null> {
  const proven = possession === null ? null : await proofs.prove(possession);
  if (proven === null || proven.key !== null) return proven?.key ?? null;
  if (proven.isGone === true || proven.reason === "no-cookie") return null;
  throw new Refused(
    "not-possessed",
    "The cookie that this copy replaces is not a session key of this server.",
  );
}

/** What a call needs of the source. Throws the refusal if the source or the settings do not allow it. */
export function required<T>(
  method: T | undefined,
  { capabilities, source }: Pick<WriteContext, "capabilities" | "source">,
  name: Capability,
): T {
  if (method !== undefined && capabilities.includes(name)) return method;
  const why = source.capabilities.includes(name)
    ? "This server allows viewing only. To allow edits, pass allowEdit: true to openBridge."
    : `${source.library.name} with engine ${source.engine} does not support this.`;
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

/** `set "username"; delete "cart.0"`: paths, never values. */
function nameSteps(operations: readonly EditOperation[]): string {
  const shown = operations
    .slice(0, 10)
    .map(({ op, path }) => `${op} ${JSON.stringify(path.join(".").slice(0, 80))}`);
  return (
    shown.join("; ") +
    (operations.length > shown.length ? `; and ${operations.length - shown.length} more` : "")
  );
}
