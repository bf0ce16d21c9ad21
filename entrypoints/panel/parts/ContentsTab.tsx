/** Contents: the session's key, engine and expiry, and its data as a tree that can be edited while it shows Now. */
import { useState } from "preact/hooks";
import { Menu, type MenuItem } from "../../../components/common/Menu.tsx";
import { useFocusBack, useFocusLeft } from "../../../components/common/use-focus.ts";
import { Notice } from "../../../components/notice/Notice.tsx";
import { AddKey } from "../../../components/session/AddKey.tsx";
import { ConflictView } from "../../../components/session/ConflictView.tsx";
import { TextEditor } from "../../../components/session/TextEditor.tsx";
import { Tree } from "../../../components/session/Tree.tsx";
import { ValueField } from "../../../components/session/ValueField.tsx";
import { pathText } from "../../../extension/logic/json/difference.ts";
import { NO_FORM } from "../../../extension/logic/json/stand-in.ts";
import { rowLabel, type TreeRow } from "../../../extension/logic/json/tree-rows.ts";
import { NOT_AN_OBJECT } from "../../../extension/logic/notices/pane-notices.ts";
import { pinOf } from "../../../extension/logic/timeline/pin-path.ts";
import { draftRow } from "../../../extension/models/editing/draft.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText } from "./run-action.ts";
import { SessionNotice } from "./SessionNotice.tsx";
import { SessionSummary } from "./SessionSummary.tsx";

/** The tab. */
export function ContentsTab({ models }: { models: Models }) {
  if (typeof models.tree.text.value !== "string") return <SessionNotice models={models} />;
  return <Contents models={models} />;
}

function Contents({ models }: { models: Models }) {
  const { editor } = models;
  const conflict = editor.conflict.value;
  useFocusBack(conflict !== null || editor.draft.value?.mode === "text", () =>
    document.querySelector<HTMLElement>('[role=treegrid] [role=row][tabindex="0"]'),
  );
  // A flush or a logout removes all of this.
  useFocusLeft(() => document.querySelector<HTMLElement>("[role=tabpanel]"));
  return (
    <>
      {editor.draft.value?.mode !== "text" && <SessionSummary models={models} />}
      {conflict !== null && (
        <ConflictView
          clashes={conflict.clashes}
          onOverwrite={() => editor.overwrite()}
          onKeepTheirs={editor.keepTheirs}
        />
      )}
      {editor.draft.value?.mode === "text" ? (
        <TextEditor editor={editor} />
      ) : (
        <EditableTree models={models} />
      )}
    </>
  );
}

function EditableTree({ models }: { models: Models }) {
  const { tree, view, editor, able } = models;
  const [menu, setMenu] = useState<{ row: TreeRow; at: HTMLElement } | null>(null);
  const now = view.selected.value === null;
  const draft = editor.draft.value;
  const edited = draftRow(draft);
  const unreadable = NOT_AN_OBJECT.tell(tree.unreadable.value);
  if (unreadable !== null) return <Notice {...unreadable} />;
  return (
    <>
      <Tree
        tree={tree}
        pins={view.pins.value}
        editing={edited === null ? null : { id: edited, field: <ValueField editor={editor} /> }}
        readOnly={now ? able.edit.value : "only the present session can be changed"}
        footer={now && <AddKey editor={editor} off={able.edit.value} />}
        onEdit={(row) => (row.expanded === null || !now ? editor.edit(row) : tree.toggle(row.id))}
        onDelete={(row) => editor.remove(row)}
        onCopy={(row) => copyText(models, row.json, rowLabel(row))}
        onPin={(row) => togglePin(view, row)}
        onMenu={(row, at) => setMenu({ row, at })}
      />
      {menu !== null && (
        <Menu
          label={rowLabel(menu.row)}
          items={itemsFor(models, menu.row)}
          at={menu.at}
          onClose={() => setMenu(null)}
        />
      )}
    </>
  );
}

function itemsFor(models: Models, row: TreeRow): MenuItem[] {
  const { editor, able, view } = models;
  const off = able.edit.value;
  const branch = row.kind === "object" || row.kind === "array";
  const notEditable = off ?? (row.standIn === null ? null : NO_FORM);
  const items: MenuItem[] = [
    { label: "Edit value", off: notEditable, run: () => editor.edit(row) },
    { label: "Edit as JSON text", off: notEditable, run: () => editor.editText(row.path) },
  ];
  if (branch) items.push({ label: "Add key inside", off, run: () => editor.add(row.path) });
  items.push(
    { label: "Delete key", off, run: () => void editor.remove(row) },
    { label: "Copy value", run: () => copyText(models, row.json, rowLabel(row)) },
    { label: "Copy path", run: () => copyText(models, pathText(row.path), "the path") },
  );
  const pin = pinOf(row.path);
  if (pin !== null) {
    const pinned = view.pins.value.includes(pin);
    items.push({
      label: pinned ? "Unpin from timeline" : "Pin to timeline",
      run: () => view.pin(pin),
    });
  }
  return items;
}

function togglePin(view: Models["view"], row: TreeRow): void {
  const pin = pinOf(row.path);
  if (pin !== null) view.pin(pin);
}
