/** A value being edited in its row: Enter saves, Escape reverts, the arrows step numbers; a mistake is marked. */
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import "./edit.css";
import { useLayoutEffect, useRef } from "preact/hooks";
import { pathText } from "../../extension/logic/json/difference.ts";
import { hasModifier, swallow } from "../common/list-keys.ts";
import { dangerAt, type ValueEditor } from "./value-editor.ts";

const LARGE_STEP = 10;

/** The field, and next to it the kind of the value or what is wrong with it. */
export function ValueField({ editor }: { editor: ValueEditor }) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const draft = editor.draft.value;
  const fault = editor.fault.value;
  const saving = editor.saving.value;
  if (draft === null) return null;
  const note =
    fault === null ? (dangerAt(draft.path) ?? editor.kind.value) : `${fault.message}, column ${fault.column}`;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing || hasModifier(event)) return;
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter") {
      editor.commit();
      if (fault !== null) field.current?.setSelectionRange(fault.offset, fault.offset + 1);
    } else if (event.key === "Escape") editor.revert();
    else if (step !== undefined) editor.step(step * (event.shiftKey ? LARGE_STEP : 1));
    else {
      event.stopPropagation();
      return;
    }
    swallow(event);
  };
  /**
   * Leaving the field saves, as in the grids of DevTools; a mistake is dropped then. Switching to another window does nothing.
   */
  const onBlur = (): void => {
    if (!document.hasFocus()) return;
    if (fault === null) editor.commit();
    else editor.revert();
  };
  return (
    <span class="edit">
      <input
        class="edit-field"
        aria-label={`Value of ${showUnseen(pathText(draft.path))}`}
        aria-invalid={fault !== null}
        aria-describedby="edit-note"
        spellcheck={false}
        autocomplete="off"
        value={draft.text}
        readOnly={saving}
        ref={field}
        onInput={(event) => editor.type(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      />
      <span id="edit-note" class={fault === null ? "edit-kind" : "edit-kind fault"}>
        {saving ? "saving…" : note}
      </span>
    </span>
  );
}
