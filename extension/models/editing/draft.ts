/** What is being typed over a session's value: which value, what is wrong with the text, and the edit it results in. */
import {
  type EditOperation,
  type JsonFault,
  type JsonKind,
  parseJson,
  type SessionState,
} from "session-bridge/protocol";
import { type Path, pathText, sameData } from "../../logic/json/difference.ts";
import { operationsBetween, textAt, textFault } from "../../logic/json/edit-operations.ts";
import { pathId } from "../../logic/json/tree-rows.ts";
import { parseTyped } from "../../logic/json/typed-value.ts";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { Subject } from "../showing/session.ts";

/** What is being edited. `name` is typed for a new key. */
export interface Draft {
  mode: "line" | "text" | "add";
  path: Path;
  /** The value when editing began; null for a new key. */
  base: string | null;
  kind: JsonKind;
  text: string;
  name: string;
  subject: Subject;
  session: SessionState;
}

/** An edit, and its name. */
interface NamedEdit {
  operations: EditOperation[];
  did: string;
}

/** A draft of the value at `path`, or of a new key there. `toText` returns the text that editing begins with. */
export function startDraft(
  mode: Draft["mode"],
  path: Path,
  { session, subject }: { session: SessionState; subject: Subject },
  toText: (json: string, kind: JsonKind) => string,
): Draft {
  const base = mode === "add" ? null : textAt(session.dataJson, path);
  const parsed = base === null ? null : parseJson(base);
  const kind = parsed?.ok ? parsed.root.kind : "null";
  const text = base === null ? "" : toText(base, kind);
  return { mode, path, base, kind, text, name: "", subject, session };
}

/** The kind of value that the typed text is; null if it is not valid. */
export function kindOf(draft: Draft): JsonKind | null {
  const typed = parseTyped(draft.text, draft.kind, draft.base);
  return typed.ok ? typed.kind : null;
}

/** What is wrong with the name or the text, or null. */
export function faultOf(draft: Draft): JsonFault | null {
  if (draft.mode === "add") {
    const problem = nameProblem(draft);
    if (problem !== null) return { message: problem, offset: 0, line: 1, column: 1 };
  }
  if (draft.mode === "text") {
    const parsed = parseJson(draft.text.trim());
    if (!parsed.ok) return parsed.fault;
    const whole = draft.path.length === 0 && parsed.root.kind !== "object";
    if (whole) return { message: "A session is an object", offset: 0, line: 1, column: 1 };
    return textFault(draft.base ?? "null", draft.text.trim(), draft.path);
  }
  const typed = parseTyped(draft.text, draft.kind, draft.base);
  return typed.ok ? null : typed.fault;
}

/** The edit that a valid draft results in; without operations if it changes nothing. */
export function editOf(draft: Draft): NamedEdit {
  const { mode, path, session, base } = draft;
  if (mode === "text" && path.length === 0) {
    return { operations: operationsBetween(session.dataJson, draft.text), did: "Saved the session" };
  }
  if (mode === "text" && base !== null) {
    return { operations: operationsBetween(base, draft.text.trim(), path), did: `Saved ${sayPath(path)}` };
  }
  const typed =
    mode === "text"
      ? { ok: true as const, json: draft.text.trim() }
      : parseTyped(draft.text, draft.kind, base);
  if (!typed.ok) return { operations: [], did: "" };
  const target = mode === "add" ? [...path, nextName(draft)] : [...path];
  if (base !== null && (base === typed.json || sameData(base, typed.json)))
    return { operations: [], did: "" };
  const did = mode === "add" ? `Added ${sayPath(target)}` : `Saved ${sayPath(target)}`;
  return { operations: [{ op: "set", path: target, valueJson: typed.json }], did };
}

/** A path as a sentence shows it. */
export function sayPath(path: Path): string {
  return showUnseen(pathText(path));
}

/** Id of the row that contains a draft; null for a new key. */
export function draftRow(draft: Draft | null): string | null {
  return draft === null || draft.mode === "add" ? null : pathId(draft.path);
}

function nameProblem(draft: Draft): string | null {
  const holder = parseJson(textAt(draft.session.dataJson, draft.path) ?? "{}");
  if (!holder.ok || holder.root.kind === "array") return null;
  if (draft.name === "") return "The key needs a name";
  return holder.root.keys.includes(draft.name) ? `${draft.name} already exists` : null;
}

/** The typed name, or in a list the position after the last. */
function nextName(draft: Draft): string | number {
  const holder = parseJson(textAt(draft.session.dataJson, draft.path) ?? "{}");
  return holder.ok && holder.root.kind === "array" ? holder.root.items.length : draft.name;
}
