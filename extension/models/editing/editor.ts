/**
 * Editing values in place and as JSON text. Only the session of now can be edited; a value changed by someone else
 * meanwhile is never overwritten unasked.
 */
import { computed, createModel, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { EditOperation, SessionState } from "session-bridge/protocol";
import { type Path, pathText, sameData } from "../../logic/json/difference.ts";
import { type Clash, clashes, operationsBetween, textAt } from "../../logic/json/edit-operations.ts";
import { type JsonFault, type JsonKind, parseJson } from "../../logic/json/json.ts";
import { pathId, type TreeRow } from "../../logic/json/tree-rows.ts";
import { editableText, isInline, parseTyped, prettyJson, stepNumber } from "../../logic/json/typed-value.ts";
import type { Live, Subject } from "../showing/session.ts";
import type { Outcome } from "./session-writes.ts";

/** What is being edited. `name` is typed for a key that is to be added. */
export interface Draft {
  mode: "line" | "text" | "add";
  path: Path;
  /** What was there when editing began; null for a new key. */
  base: string | null;
  kind: JsonKind;
  text: string;
  name: string;
  subject: Subject;
  session: SessionState;
}

/** An edit that met someone else's change. */
export interface Conflict {
  clashes: readonly Clash[];
  operations: readonly EditOperation[];
  subject: Subject;
  now: SessionState;
  did: string;
}

export interface EditorOptions {
  live: ReadonlySignal<Live>;
  /** Why nothing can be edited, or null. */
  readOnly: ReadonlySignal<string | null>;
  edit: (
    subject: Subject,
    session: SessionState,
    operations: readonly EditOperation[],
    did: string,
  ) => Promise<Outcome>;
  tell: (text: string) => void;
}

export const EditorModel = createModel((options: EditorOptions) => {
  const draft = signal<Draft | null>(null);
  const conflict = signal<Conflict | null>(null);
  const saving = signal(false);

  const fault = computed<JsonFault | null>(() => (draft.value === null ? null : faultOf(draft.value)));
  /** The kind that the typed text stands for. */
  const kind = computed<JsonKind | null>(() => {
    const current = draft.value;
    if (current === null) return null;
    const typed = parseTyped(current.text, current.kind);
    return typed.ok ? typed.kind : null;
  });

  // A session that is gone, or another one that was chosen, takes along what was being edited: it can be saved nowhere.
  effect(() => {
    const live = options.live.value;
    const isGone = (about: { subject: Subject } | null): boolean =>
      about !== null &&
      (live.state === "none" || (live.state === "present" && isElsewhere(live.subject, about)));
    if (isGone(conflict.peek())) conflict.value = null;
    if (!isGone(draft.peek())) return;
    draft.value = null;
    untracked(() => options.tell("Not saved: the session that was edited is not shown any more"));
  });

  const begin = (mode: Draft["mode"], path: Path, text: (json: string, kind: JsonKind) => string): void => {
    const live = options.live.peek();
    const why = options.readOnly.peek();
    if (why !== null) options.tell(why);
    if (why !== null || live.state !== "present") return;
    const { session, subject } = live;
    const base = mode === "add" ? null : textAt(session.dataJson, path);
    const parsed = base === null ? null : parseJson(base);
    const was = parsed?.ok ? parsed.root.kind : "null";
    conflict.value = null;
    draft.value = {
      mode,
      path,
      base,
      kind: was,
      text: base === null ? "" : text(base, was),
      name: "",
      subject,
      session,
    };
  };

  const send = async (operations: readonly EditOperation[], about: Draft, did: string): Promise<void> => {
    if (operations.length === 0) {
      draft.value = null;
      return;
    }
    saving.value = true;
    const outcome = await sendOver(about.subject, about.session, operations, did);
    saving.value = false;
    if (outcome.kind === "failed") return options.tell(`Not saved: ${outcome.reason}`);
    draft.value = null;
  };

  /** Sends; a change of other keys meanwhile is no conflict, so it sends again on top of it. */
  const sendOver = async (
    subject: Subject,
    session: SessionState,
    operations: readonly EditOperation[],
    did: string,
    tries = 3,
  ): Promise<Outcome> => {
    const outcome = await options.edit(subject, session, operations, did);
    if (outcome.kind !== "conflict") return outcome;
    const found = clashes(session.dataJson, outcome.now.dataJson, operations);
    if (found.length === 0 && tries > 0) return sendOver(subject, outcome.now, operations, did, tries - 1);
    conflict.value = { clashes: found, operations, subject, now: outcome.now, did };
    return outcome;
  };

  return {
    draft,
    fault,
    kind,
    saving,
    conflict,
    /** Edits a row: scalars in their line, everything else as JSON text. */
    edit(row: TreeRow) {
      if (isInline(row.json, row.kind)) begin("line", row.path, editableText);
      else begin("text", row.path, prettyJson);
    },
    /** Edits a value, or with an empty path the whole session, as JSON text. */
    editText(path: Path) {
      begin("text", path, prettyJson);
    },
    /** Starts a new key in the object or list at `path`. */
    add(path: Path) {
      begin("add", path, () => "");
    },
    type(text: string) {
      if (draft.value !== null) draft.value = { ...draft.value, text };
    },
    name(name: string) {
      if (draft.value !== null) draft.value = { ...draft.value, name };
    },
    step(delta: number) {
      const current = draft.value;
      const stepped = current === null || current.kind === "string" ? null : stepNumber(current.text, delta);
      if (current !== null && stepped !== null) draft.value = { ...current, text: stepped };
    },
    async commit() {
      const current = draft.peek();
      if (current === null || saving.peek() || faultOf(current) !== null) return;
      const { operations, did } = operationsOf(current);
      await send(operations, current, did);
    },
    revert() {
      if (!saving.peek()) draft.value = null;
    },
    /** Deletes a key at once; the way back is Undo. */
    async remove(row: TreeRow) {
      const live = options.live.peek();
      const why = options.readOnly.peek();
      if (why !== null) return options.tell(why);
      if (live.state !== "present") return;
      const operations: EditOperation[] = [{ op: "delete", path: [...row.path] }];
      const outcome = await sendOver(live.subject, live.session, operations, `Deleted ${pathText(row.path)}`);
      if (outcome.kind === "failed") options.tell(`Not deleted: ${outcome.reason}`);
    },
    /** Makes the edit on top of the other's change. */
    async overwrite() {
      const met = conflict.peek();
      if (met === null) return;
      conflict.value = null;
      const outcome = await options.edit(met.subject, met.now, met.operations, met.did);
      if (outcome.kind === "failed") options.tell(`Not saved: ${outcome.reason}`);
      if (outcome.kind === "conflict") {
        const found = clashes(met.now.dataJson, outcome.now.dataJson, met.operations);
        conflict.value = { ...met, clashes: found, now: outcome.now };
      }
    },
    keepTheirs() {
      conflict.value = null;
    },
  };
});

function isElsewhere(now: Subject, { subject }: { subject: Subject }): boolean {
  return now.origin !== subject.origin || now.cookie.id !== subject.cookie.id;
}

function faultOf(draft: Draft): JsonFault | null {
  if (draft.mode === "add") {
    const problem = nameProblem(draft);
    if (problem !== null) return { message: problem, offset: 0, line: 1, column: 1 };
  }
  if (draft.mode === "text") {
    const parsed = parseJson(draft.text.trim());
    if (!parsed.ok) return parsed.fault;
    const whole = draft.path.length === 0 && parsed.root.kind !== "object";
    return whole ? { message: "A session is an object", offset: 0, line: 1, column: 1 } : null;
  }
  const typed = parseTyped(draft.text, draft.kind);
  return typed.ok ? null : typed.fault;
}

function nameProblem(draft: Draft): string | null {
  const holder = parseJson(textAt(draft.session.dataJson, draft.path) ?? "{}");
  if (!holder.ok || holder.root.kind === "array") return null;
  if (draft.name === "") return "The key needs a name";
  return holder.root.keys.includes(draft.name) ? `${draft.name} is there already` : null;
}

function operationsOf(draft: Draft): { operations: EditOperation[]; did: string } {
  const { mode, path, session } = draft;
  if (mode === "text" && path.length === 0) {
    return { operations: operationsBetween(session.dataJson, draft.text), did: "Saved the session" };
  }
  const typed =
    mode === "text" ? { ok: true as const, json: draft.text.trim() } : parseTyped(draft.text, draft.kind);
  if (!typed.ok) return { operations: [], did: "" };
  const target = mode === "add" ? [...path, nextName(draft)] : [...path];
  if (draft.base !== null && (draft.base === typed.json || sameData(draft.base, typed.json)))
    return { operations: [], did: "" };
  const did = mode === "add" ? `Added ${pathText(target)}` : `Saved ${pathText(target)}`;
  return { operations: [{ op: "set", path: target, valueJson: typed.json }], did };
}

/** The typed name, or in a list the position after the last. */
function nextName(draft: Draft): string | number {
  const holder = parseJson(textAt(draft.session.dataJson, draft.path) ?? "{}");
  return holder.ok && holder.root.kind === "array" ? holder.root.items.length : draft.name;
}

/** Id of the row that a draft stands in; null for a new key. */
export function draftRow(draft: Draft | null): string | null {
  return draft === null || draft.mode === "add" ? null : pathId(draft.path);
}
