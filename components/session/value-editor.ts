/** What the fields for a value need from the model that edits it; the model in `extension/models` has this shape. */
import type { ReadonlySignal } from "@preact/signals";
import type { Path } from "../../extension/logic/json/difference.ts";
import { dangerOf } from "../../extension/logic/json/django-keys.ts";
import type { JsonFault, JsonKind } from "../../extension/logic/json/typed-value.ts";

/** What is being edited: a value in its line, a value as JSON text, or a new key. */
export interface ValueDraft {
  mode: "line" | "text" | "add";
  path: Path;
  text: string;
  /** The name of a key that is to be added. */
  name: string;
  session: { dataJson: string };
}

/** One edit at a time. */
export interface ValueEditor {
  draft: ReadonlySignal<ValueDraft | null>;
  fault: ReadonlySignal<JsonFault | null>;
  /** The kind of value that the typed text is. */
  kind: ReadonlySignal<JsonKind | null>;
  saving: ReadonlySignal<boolean>;
  /** Starts a new key in the object or list at `path`. */
  add(path: Path): void;
  name(name: string): void;
  type(text: string): void;
  /** Adds to a number. */
  step(delta: number): void;
  commit(): Promise<void>;
  revert(): void;
}

/** A warning about the key at the top of `path`, such as that changing it logs the user out; or null. */
export function dangerAt(path: Path): string | null {
  const [top] = path;
  return typeof top === "string" ? dangerOf(top) : null;
}
