/** The row below the tree in which a key is added: its name, then its value. */

import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { pathText } from "../../extension/logic/json/difference.ts";
import { textAt } from "../../extension/logic/json/edit-operations.ts";
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import { swallow } from "../common/list-keys.ts";
import { useFocusBack, useFocusFirst } from "../common/use-focus.ts";
import type { ValueDraft, ValueEditor } from "./value-editor.ts";

interface AddKeyProps {
  editor: ValueEditor;
  /** Why no key can be added now, or null. */
  off: string | null;
}

/** The button, and in its place the form while a key is being added. */
export function AddKey({ editor, off }: AddKeyProps) {
  const first = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const draft = editor.draft.value;
  const adding = draft?.mode === "add";
  useFocusBack(adding, () => button.current);
  useFocusFirst(adding, () => first.current);
  if (!adding) {
    return (
      <button
        type="button"
        class="add-key"
        ref={button}
        aria-disabled={off !== null || undefined}
        title={off === null ? undefined : `Add key: ${off}`}
        onClick={() => off === null && editor.add([])}
      >
        <span class="icon icon-plus" aria-hidden="true" />
        Add key
      </button>
    );
  }
  return <KeyForm editor={editor} draft={draft} first={first} />;
}

interface KeyFormProps {
  editor: ValueEditor;
  draft: ValueDraft;
  /** The field that takes the focus. */
  first: RefObject<HTMLInputElement | null>;
}

function KeyForm({ editor, draft, first }: KeyFormProps) {
  const fault = editor.fault.value;
  const { name, text } = draft;
  const into = showUnseen(pathText(draft.path));
  const isList = textAt(draft.session.dataJson, draft.path)?.startsWith("[") ?? false;
  return (
    <fieldset
      class="add-form"
      aria-label={into === "" ? "Add key" : `Add to ${into}`}
      onKeyDown={(event) => pressKey(event, editor)}
    >
      {into !== "" && <span class="dim mono">{into}</span>}
      {!isList && (
        <input
          class="field add-name"
          aria-label="Key"
          placeholder="key"
          spellcheck={false}
          autocomplete="off"
          value={name}
          ref={first}
          onInput={(event) => editor.name(event.currentTarget.value)}
        />
      )}
      <input
        class="field add-value"
        aria-label="Value"
        aria-invalid={fault !== null && text !== ""}
        aria-describedby="add-note"
        placeholder="value, as JSON or plain text"
        spellcheck={false}
        autocomplete="off"
        value={text}
        ref={isList ? first : null}
        onInput={(event) => editor.type(event.currentTarget.value)}
      />
      <button
        type="button"
        class="button"
        disabled={fault !== null || editor.saving.value}
        onClick={() => editor.commit()}
      >
        Add
      </button>
      <span id="add-note" class="fault add-note">
        {fault !== null && (name !== "" || text !== "") ? fault.message : ""}
      </span>
    </fieldset>
  );
}

function pressKey(event: KeyboardEvent, editor: ValueEditor): void {
  if (event.key === "Enter") editor.commit();
  else if (event.key === "Escape") editor.revert();
  else {
    event.stopPropagation();
    return;
  }
  swallow(event);
}
