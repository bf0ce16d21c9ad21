/** A value under edit in its row: Enter saves, Escape reverts, the arrows step numbers; a mistake is marked. */
import "./edit.css";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { JsonFault, JsonKind } from "../../extension/logic/json/json.ts";
import { hasModifier, swallow } from "../common/list-keys.ts";

interface ValueFieldProps {
  /** Accessible name: `Value of cart.total`. */
  label: string;
  text: string;
  kind: JsonKind | null;
  fault: JsonFault | null;
  saving: boolean;
  /** A word of warning, such as that this logs the user out. */
  danger: string | null;
  onInput: (text: string) => void;
  onStep: (delta: number) => void;
  onSave: () => void;
  onRevert: () => void;
}

const LARGE_STEP = 10;

export function ValueField(props: ValueFieldProps) {
  const { label, text, kind, fault, saving, danger } = props;
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing || hasModifier(event)) return;
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter") {
      props.onSave();
      if (fault !== null) field.current?.setSelectionRange(fault.offset, fault.offset + 1);
    } else if (event.key === "Escape") props.onRevert();
    else if (step !== undefined) props.onStep(step * (event.shiftKey ? LARGE_STEP : 1));
    else {
      event.stopPropagation();
      return;
    }
    swallow(event);
  };
  /** Leaving the field saves, as in DevTools' own grids; a mistake is dropped then. Another window is no leaving. */
  const onBlur = (): void => {
    if (!document.hasFocus()) return;
    if (fault === null) props.onSave();
    else props.onRevert();
  };
  return (
    <span class="edit">
      <input
        class="edit-field"
        aria-label={label}
        aria-invalid={fault !== null}
        aria-describedby="edit-note"
        spellcheck={false}
        autocomplete="off"
        value={text}
        readOnly={saving}
        ref={field}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      />
      <span id="edit-note" class={fault === null ? "edit-kind" : "edit-kind fault"}>
        {saving ? "saving…" : fault === null ? (danger ?? kind) : `${fault.message}, column ${fault.column}`}
      </span>
    </span>
  );
}
