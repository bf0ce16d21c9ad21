/** The three ways of editing a value, joined to the editor: in its line, as JSON text, and as a new key. */
import { AddKey } from "../../../components/session/AddKey.tsx";
import { TextEditor } from "../../../components/session/TextEditor.tsx";
import { ValueField } from "../../../components/session/ValueField.tsx";
import { type Path, pathText } from "../../../extension/logic/json/difference.ts";
import { dangerOf } from "../../../extension/logic/json/django-keys.ts";
import { textAt } from "../../../extension/logic/json/edit-operations.ts";
import type { Models } from "../../../extension/models/index.ts";

export function ValuePart({ models }: { models: Models }) {
  const { editor } = models;
  const draft = editor.draft.value;
  if (draft === null) return null;
  return (
    <ValueField
      label={`Value of ${pathText(draft.path)}`}
      text={draft.text}
      kind={editor.kind.value}
      fault={editor.fault.value}
      saving={editor.saving.value}
      danger={dangerAt(draft.path)}
      onInput={editor.type}
      onStep={editor.step}
      onSave={() => editor.commit()}
      onRevert={editor.revert}
    />
  );
}

export function TextPart({ models }: { models: Models }) {
  const { editor } = models;
  const draft = editor.draft.value;
  if (draft === null) return null;
  const what = draft.path.length === 0 ? "the session" : pathText(draft.path);
  return (
    <TextEditor
      label={`JSON text of ${what}`}
      text={draft.text}
      fault={editor.fault.value}
      saving={editor.saving.value}
      danger={dangerAt(draft.path)}
      onInput={editor.type}
      onSave={() => editor.commit()}
      onRevert={editor.revert}
    />
  );
}

export function AddKeyPart({ models }: { models: Models }) {
  const { editor, able } = models;
  const draft = editor.draft.value;
  const adding = draft?.mode === "add" ? draft : null;
  const holder = adding === null ? null : textAt(adding.session.dataJson, adding.path);
  return (
    <AddKey
      draft={
        adding === null
          ? null
          : {
              name: adding.name,
              text: adding.text,
              into: pathText(adding.path),
              list: holder?.startsWith("[") ?? false,
            }
      }
      fault={editor.fault.value}
      saving={editor.saving.value}
      off={able.edit.value}
      onBegin={() => editor.add([])}
      onName={editor.name}
      onInput={editor.type}
      onSave={() => editor.commit()}
      onRevert={editor.revert}
    />
  );
}

function dangerAt(path: Path): string | null {
  const [top] = path;
  return typeof top === "string" ? dangerOf(top) : null;
}
