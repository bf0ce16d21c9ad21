/** The row beneath the tree in which a key is added: its name, then its value. */
import { useRef } from "preact/hooks";
import type { JsonFault } from "../../extension/logic/json/json.ts";
import { swallow } from "../common/list-keys.ts";
import { useFocusBack, useFocusFirst } from "../common/use-focus.ts";

interface AddKeyProps {
  /** Null: only the button is shown. */
  draft: { name: string; text: string; into: string; list: boolean } | null;
  fault: JsonFault | null;
  saving: boolean;
  off: string | null;
  onBegin: () => void;
  onName: (name: string) => void;
  onInput: (text: string) => void;
  onSave: () => void;
  onRevert: () => void;
}

export function AddKey(props: AddKeyProps) {
  const { draft, fault, off } = props;
  const first = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const adding = draft !== null;
  useFocusBack(adding, () => button.current);
  useFocusFirst(adding, () => first.current);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") props.onSave();
    else if (event.key === "Escape") props.onRevert();
    else {
      event.stopPropagation();
      return;
    }
    swallow(event);
  };
  if (draft === null) {
    return (
      <button
        type="button"
        class="add-key"
        ref={button}
        aria-disabled={off !== null || undefined}
        title={off === null ? undefined : `Add key: ${off}`}
        onClick={() => off === null && props.onBegin()}
      >
        <span class="icon icon-plus" aria-hidden="true" />
        Add key
      </button>
    );
  }
  return (
    <fieldset
      class="add-form"
      aria-label={draft.into === "" ? "Add key" : `Add to ${draft.into}`}
      onKeyDown={onKeyDown}
    >
      {draft.into !== "" && <span class="dim mono">{draft.into}</span>}
      {!draft.list && (
        <input
          class="field add-name"
          aria-label="Key"
          placeholder="key"
          spellcheck={false}
          autocomplete="off"
          value={draft.name}
          ref={first}
          onInput={(event) => props.onName(event.currentTarget.value)}
        />
      )}
      <input
        class="field add-value"
        aria-label="Value"
        aria-invalid={fault !== null && draft.text !== ""}
        aria-describedby="add-note"
        placeholder="value, as JSON or plain text"
        spellcheck={false}
        autocomplete="off"
        value={draft.text}
        ref={draft.list ? first : null}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      <button type="button" class="button" disabled={fault !== null || props.saving} onClick={props.onSave}>
        Add
      </button>
      <span id="add-note" class="fault add-note">
        {fault !== null && (draft.name !== "" || draft.text !== "") ? fault.message : ""}
      </span>
    </fieldset>
  );
}
