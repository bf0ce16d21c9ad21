/** A value as JSON. A mistake is marked in the text and named by line and column. */

import { useRef } from "preact/hooks";
import { pathText } from "../../extension/logic/json/difference.ts";
import type { JsonFault } from "../../extension/logic/json/typed-value.ts";
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import { swallow } from "../common/list-keys.ts";
import { useFocusFirst } from "../common/use-focus.ts";
import { dangerAt, type ValueEditor } from "./value-editor.ts";

/** Longer texts have no mark: a mirror of a megabyte would make typing slow. */
const MAX_MIRROR = 100_000;

/** The text, and below it what is wrong with it and the buttons. */
export function TextEditor({ editor }: { editor: ValueEditor }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const mirror = useRef<HTMLPreElement>(null);
  useFocusFirst(true, () => field.current);
  const draft = editor.draft.value;
  const fault = editor.fault.value;
  if (draft === null) return null;
  const { text, path } = draft;
  const label = `JSON text of ${path.length === 0 ? "the session" : showUnseen(pathText(path))}`;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") editor.revert();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) editor.commit();
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
          readOnly={editor.saving.value}
          ref={field}
          onInput={(event) => editor.type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onScroll={(event) => {
            if (mirror.current === null) return;
            mirror.current.scrollTop = event.currentTarget.scrollTop;
            mirror.current.scrollLeft = event.currentTarget.scrollLeft;
          }}
        />
      </div>
      <Bar editor={editor} fault={fault} danger={dangerAt(path)} onGoToFault={goToFault} />
    </section>
  );
}

interface BarProps {
  editor: ValueEditor;
  fault: JsonFault | null;
  danger: string | null;
  onGoToFault: () => void;
}

function Bar({ editor, fault, danger, onGoToFault }: BarProps) {
  const saving = editor.saving.value;
  return (
    <div class="text-bar">
      <span id="text-note" class={fault === null ? "dim" : "fault"}>
        {fault === null
          ? (danger ?? "Valid JSON")
          : `Line ${fault.line}, column ${fault.column}: ${fault.message}`}
      </span>
      {fault !== null && (
        <button type="button" class="link" onClick={onGoToFault}>
          Go there
        </button>
      )}
      <span class="text-buttons">
        <button type="button" class="button" onClick={editor.revert}>
          Cancel
        </button>
        <button
          type="button"
          class="button button-primary"
          disabled={fault !== null || saving}
          title="Ctrl+Enter"
          onClick={() => editor.commit()}
        >
          {saving ? "Saving…" : "Save"}
        </button>
      </span>
    </div>
  );
}
