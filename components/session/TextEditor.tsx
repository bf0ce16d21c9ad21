/** A value as JSON text. The place of a mistake is marked in the text and told by line and column. */
import { useRef } from "preact/hooks";
import type { JsonFault } from "../../extension/logic/json/json.ts";
import { swallow } from "../common/list-keys.ts";
import { useFocusFirst } from "../common/use-focus.ts";

interface TextEditorProps {
  label: string;
  text: string;
  fault: JsonFault | null;
  saving: boolean;
  danger: string | null;
  onInput: (text: string) => void;
  onSave: () => void;
  onRevert: () => void;
}

/** Beyond this the mark is left out: a mirror of a megabyte would make typing slow. */
const MAX_MIRROR = 100_000;

export function TextEditor(props: TextEditorProps) {
  const { label, text, fault, saving } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLPreElement>(null);
  useFocusFirst(true, () => field.current);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") props.onRevert();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) props.onSave();
    else {
      event.stopPropagation();
      return;
    }
    swallow(event);
  };
  const goToFault = (): void => {
    if (fault === null) return;
    field.current?.focus();
    field.current?.setSelectionRange(fault.offset, fault.offset + 1);
  };
  return (
    <section class="text-editor" aria-label={label}>
      <div class="text-body">
        {fault !== null && text.length <= MAX_MIRROR && (
          <pre class="text-mirror" aria-hidden="true" ref={mirror}>
            {text.slice(0, fault.offset)}
            <mark>{text.slice(fault.offset, fault.offset + 1) || " "}</mark>
            {text.slice(fault.offset + 1)}
          </pre>
        )}
        <textarea
          class="text-field"
          aria-label={label}
          aria-invalid={fault !== null}
          aria-describedby="text-note"
          spellcheck={false}
          value={text}
          readOnly={saving}
          ref={field}
          onInput={(event) => props.onInput(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onScroll={(event) => {
            if (mirror.current === null) return;
            mirror.current.scrollTop = event.currentTarget.scrollTop;
            mirror.current.scrollLeft = event.currentTarget.scrollLeft;
          }}
        />
      </div>
      <div class="text-bar">
        <span id="text-note" class={fault === null ? "dim" : "fault"}>
          {fault === null
            ? (props.danger ?? "Valid JSON")
            : `Line ${fault.line}, column ${fault.column}: ${fault.message}`}
        </span>
        {fault !== null && (
          <button type="button" class="link" onClick={goToFault}>
            Go there
          </button>
        )}
        <span class="text-buttons">
          <button type="button" class="button" onClick={props.onRevert}>
            Cancel
          </button>
          <button
            type="button"
            class="button button-primary"
            disabled={fault !== null || saving}
            title="Ctrl+Enter"
            onClick={props.onSave}
          >
            {saving ? "Saving…" : "Save"}
          </button>
        </span>
      </div>
    </section>
  );
}
