/**
 * Editing values in place and as JSON. Only the current session can be edited; a value that someone else has changed in the
 * meantime is never overwritten without asking.
 */
import {
  computed,
  createModel,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from "@preact/signals";
import type { EditOperation, JsonKind } from "session-bridge/protocol";
import type { Path } from "../../logic/json/difference.ts";
import { NO_FORM, standInOf } from "../../logic/json/stand-in.ts";
import type { TreeRow } from "../../logic/json/tree-rows.ts";
import { editableText, isInline, prettyJson } from "../../logic/json/typed-value.ts";
import type { Live, Subject } from "../showing/session.ts";
import { type Draft, editOf, faultOf, kindOf, sayPath, startDraft } from "./draft.ts";
import { type Conflict, createEditSender, type Edit } from "./send-edit.ts";
import { createTyping } from "./type-draft.ts";

interface EditorOptions {
  live: ReadonlySignal<Live>;
  /** Why nothing can be edited, or null. */
  readOnly: ReadonlySignal<string | null>;
  /** Whether strings of the session may stand for values that JSON has no form for. */
  hasStandIns: ReadonlySignal<boolean>;
  edit: Edit;
  tell: (text: string) => void;
}

const NOT_SHOWN = "Not saved: the session that was edited is no longer shown";

/** The value that is being edited, and the edit that conflicted with another's change. */
export const EditorModel = createModel((options: EditorOptions) => {
  const draft = signal<Draft | null>(null);
  const conflict = signal<Conflict | null>(null);
  const saving = signal(false);
  const { send, overwrite } = createEditSender(options.edit, conflict);
  effect(() => dropWhenGone(options, draft, conflict));

  /** The session that can be edited now; null after reporting why there is none. */
  const editable = () => {
    const live = options.live.peek();
    const why = options.readOnly.peek();
    if (why !== null) options.tell(why);
    return why !== null || live.state !== "present" ? null : live;
  };
  const begin = (mode: Draft["mode"], path: Path, toText: (json: string, kind: JsonKind) => string): void => {
    const live = editable();
    if (live === null) return;
    const next = startDraft(mode, path, live, toText);
    if (options.hasStandIns.peek() && isStandIn(next)) options.tell(`Not editable: ${NO_FORM}`);
    else [conflict.value, draft.value] = [null, next];
  };
  const save = async (current: Draft): Promise<void> => {
    const { operations, did } = editOf(current);
    if (operations.length > 0) {
      saving.value = true;
      const outcome = await send(current.subject, current.session, operations, did);
      saving.value = false;
      if (outcome.kind === "failed") return options.tell(`Not saved: ${outcome.reason}`);
    }
    draft.value = null;
  };

  return {
    draft,
    fault: computed(() => draft.value && faultOf(draft.value)),
    /** The kind of value that the typed text is. */
    kind: computed(() => draft.value && kindOf(draft.value)),
    saving,
    conflict,
    ...createTyping(draft),
    /** Edits a row: scalars in their line, everything else as JSON. */
    edit(row: TreeRow) {
      if (isInline(row.json, row.kind)) begin("line", row.path, editableText);
      else begin("text", row.path, prettyJson);
    },
    /** Edits a value or, with an empty path, the whole session, as JSON. */
    editText: (path: Path) => begin("text", path, prettyJson),
    /** Starts a new key in the object or list at `path`. */
    add: (path: Path) => begin("add", path, () => ""),
    async commit() {
      const current = draft.peek();
      if (current === null || saving.peek() || faultOf(current) !== null) return;
      // The page may have removed the session from under the field, which then loses the focus: the user has not asked to save.
      if (isStillLive(options.live.peek(), current)) return save(current);
      draft.value = null;
      options.tell(NOT_SHOWN);
    },
    revert() {
      if (!saving.peek()) draft.value = null;
    },
    /** Deletes a key immediately; Undo brings it back. */
    async remove(row: TreeRow) {
      const live = editable();
      if (live === null) return;
      const operations: EditOperation[] = [{ op: "delete", path: [...row.path] }];
      const outcome = await send(live.subject, live.session, operations, `Deleted ${sayPath(row.path)}`);
      if (outcome.kind === "failed") options.tell(`Not deleted: ${outcome.reason}`);
    },
    /** Applies the edit to the other's version. */
    async overwrite() {
      const met = conflict.peek();
      if (met === null) return;
      const outcome = await overwrite(met);
      if (outcome.kind === "failed") options.tell(`Not saved: ${outcome.reason}`);
    },
    keepTheirs() {
      conflict.value = null;
    },
  };
});

/** True if the value only stands for one that JSON has no form for. */
function isStandIn({ base }: Draft): boolean {
  return base !== null && standInOf(base) !== null;
}

/** If the session is gone or another one is chosen, the edit is dropped: it can be saved nowhere. */
function dropWhenGone(
  { live, tell }: EditorOptions,
  draft: Signal<Draft | null>,
  conflict: Signal<Conflict | null>,
): void {
  const now = live.value;
  const isGone = (about: { subject: Subject } | null): boolean =>
    about !== null && (now.state === "none" || (now.state === "present" && isElsewhere(now.subject, about)));
  if (isGone(conflict.peek())) conflict.value = null;
  if (!isGone(draft.peek())) return;
  draft.value = null;
  untracked(() => tell(NOT_SHOWN));
}

/** True while the session that is edited is still the live one, whichever past row the pane shows. */
function isStillLive(now: Live, about: { subject: Subject }): boolean {
  return now.state === "present" && !isElsewhere(now.subject, about);
}

function isElsewhere(now: Subject, { subject }: { subject: Subject }): boolean {
  return now.origin !== subject.origin || now.cookie.id !== subject.cookie.id;
}
