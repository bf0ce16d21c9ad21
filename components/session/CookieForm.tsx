/** The selected cookie's fields, for editing: the new cookie is set and verified before the old one is deleted. */
import type { ReadonlySignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import { swallow } from "../common/list-keys.ts";
import { useFocusFirst } from "../common/use-focus.ts";

interface CookieFields {
  name: string;
  value: string;
  path: string;
  /** Local time; empty: when the browser closes. */
  expires: string;
  httpOnly: boolean;
  secure: boolean;
  sameSite: "unspecified" | "lax" | "strict" | "no_restriction";
}

interface FieldsProps {
  fields: CookieFields;
  onChange: (change: Partial<CookieFields>) => void;
}

interface CookieFormProps {
  /** From the model: what has been typed, and what can be done with it. */
  editor: {
    draft: ReadonlySignal<CookieFields | null>;
    saving: ReadonlySignal<boolean>;
    /** Why the browser did not accept it. */
    refusal: ReadonlySignal<string | null>;
    change(change: Partial<CookieFields>): void;
    save(): Promise<void>;
    revert(): void;
  };
}

const SAME_SITE: readonly [CookieFields["sameSite"], string][] = [
  ["unspecified", "not set"],
  ["lax", "Lax"],
  ["strict", "Strict"],
  ["no_restriction", "None"],
];

/** The form; Escape leaves it. */
export function CookieForm({ editor }: CookieFormProps) {
  const form = useRef<HTMLFormElement>(null);
  useFocusFirst(true, () => form.current?.querySelector("textarea"));
  const fields = editor.draft.value;
  const saving = editor.saving.value;
  const refusal = editor.refusal.value;
  if (fields === null) return null;
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key !== "Escape") return;
    swallow(event);
    editor.revert();
  };
  return (
    <form
      class="cookie-form"
      aria-label={`Edit cookie ${showUnseen(fields.name)}`}
      ref={form}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        editor.save();
      }}
    >
      <TextFields fields={fields} onChange={editor.change} />
      <Checks fields={fields} onChange={editor.change} />
      <SameSite fields={fields} onChange={editor.change} />
      {refusal !== null && (
        <p class="fault" role="alert">
          {refusal}
        </p>
      )}
      <div class="popover-buttons">
        <button type="submit" class="button button-primary" disabled={saving}>
          {saving ? "Saving…" : "Save cookie"}
        </button>
        <button type="button" class="button" onClick={editor.revert}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function TextFields({ fields, onChange }: FieldsProps) {
  return (
    <>
      <label>
        Name
        <input
          class="field"
          value={fields.name}
          spellcheck={false}
          onInput={(event) => onChange({ name: event.currentTarget.value })}
        />
      </label>
      <label>
        Value
        <textarea
          class="field"
          rows={2}
          value={fields.value}
          spellcheck={false}
          onInput={(event) => onChange({ value: event.currentTarget.value })}
        />
      </label>
      <label>
        Path
        <input
          class="field"
          value={fields.path}
          spellcheck={false}
          onInput={(event) => onChange({ path: event.currentTarget.value })}
        />
      </label>
      <label>
        Expires
        <input
          class="field"
          type="datetime-local"
          step={1}
          value={fields.expires}
          onInput={(event) => onChange({ expires: event.currentTarget.value })}
        />
      </label>
    </>
  );
}

function Checks({ fields, onChange }: FieldsProps) {
  return (
    <div class="cookie-checks">
      <Check
        label="When the browser closes"
        checked={fields.expires === ""}
        onChange={(on) => onChange({ expires: on ? "" : inOneHour() })}
      />
      <Check label="HttpOnly" checked={fields.httpOnly} onChange={(httpOnly) => onChange({ httpOnly })} />
      <Check label="Secure" checked={fields.secure} onChange={(secure) => onChange({ secure })} />
    </div>
  );
}

function SameSite({ fields, onChange }: FieldsProps) {
  return (
    <label>
      SameSite
      <select
        class="field"
        value={fields.sameSite}
        onChange={(event) => {
          const chosen = SAME_SITE.find(([value]) => value === event.currentTarget.value);
          if (chosen !== undefined) onChange({ sameSite: chosen[0] });
        }}
      >
        {SAME_SITE.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

function inOneHour(): string {
  const date = new Date();
  return new Date(date.getTime() + 3_600_000 - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
