/** Contents: the session's key, engine and expiry, and its data as a tree that can be edited while it shows Now. */
import { useState } from "preact/hooks";
import { Menu, type MenuItem } from "../../../components/common/Menu.tsx";
import { useFocusBack, useFocusLeft } from "../../../components/common/use-focus.ts";
import { Notice } from "../../../components/notice/Notice.tsx";
import { ConflictView } from "../../../components/session/ConflictView.tsx";
import { Tree } from "../../../components/session/Tree.tsx";
import { pathText } from "../../../extension/logic/json/difference.ts";
import type { TreeRow } from "../../../extension/logic/json/tree-rows.ts";
import { draftRow } from "../../../extension/models/editing/editor.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText } from "./actions.ts";
import { AddKeyPart, TextPart, ValuePart } from "./EditParts.tsx";
import { SessionNotice } from "./SessionNotice.tsx";
import { SummaryPart } from "./SummaryPart.tsx";

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
  // A flush or a logout takes all of this away.
  useFocusLeft(() => document.querySelector<HTMLElement>("[role=tabpanel]"));
  return (
    <>
      {editor.draft.value?.mode !== "text" && <SummaryPart models={models} />}
      {conflict !== null && (
        <ConflictView
          clashes={conflict.clashes}
          onOverwrite={() => editor.overwrite()}
          onKeepTheirs={editor.keepTheirs}
        />
      )}
      {editor.draft.value?.mode === "text" ? <TextPart models={models} /> : <TreePart models={models} />}
    </>
  );
}

function TreePart({ models }: { models: Models }) {
  const { tree, view, editor, able } = models;
  const [menu, setMenu] = useState<{ row: TreeRow; at: HTMLElement } | null>(null);
  const now = view.selected.value === null;
  const draft = editor.draft.value;
  const edited = draftRow(draft);
  if (tree.unreadable.value) {
    return <Notice title="This is no JSON object" sentence="Its text is shown in the Raw tab." />;
  }
  return (
    <>
      <Tree
        rows={tree.rows.value}
        activeId={tree.activeId.value}
        pins={view.pins.value}
        writers={tree.writers.value}
        editing={edited === null ? null : { id: edited, field: <ValuePart models={models} /> }}
        readOnly={now ? able.edit.value : "only the session of now can be changed"}
        footer={now && <AddKeyPart models={models} />}
        onActivate={tree.activate}
        onToggle={tree.toggle}
        onEdit={(row) => (row.expanded === null || !now ? editor.edit(row) : tree.toggle(row.id))}
        onDelete={(row) => editor.remove(row)}
        onCopy={(row) => copyText(models, row.json, pathText(row.path))}
        onMenu={(row, at) => setMenu({ row, at })}
      />
      {menu !== null && (
        <Menu
          label={pathText(menu.row.path)}
          items={itemsFor(models, menu.row)}
          at={menu.at}
          onClose={() => setMenu(null)}
        />
      )}
    </>
  );
}

function itemsFor(models: Models, row: TreeRow): MenuItem[] {
  const { editor, able, preferences, view } = models;
  const off = able.edit.value;
  const branch = row.kind === "object" || row.kind === "array";
  const items: MenuItem[] = [
    { label: "Edit value", off, run: () => editor.edit(row) },
    { label: "Edit as JSON text", off, run: () => editor.editText(row.path) },
  ];
  if (branch) items.push({ label: "Add key inside", off, run: () => editor.add(row.path) });
  items.push(
    { label: "Delete key", off, run: () => void editor.remove(row) },
    { label: "Copy value", run: () => copyText(models, row.json, pathText(row.path)) },
    { label: "Copy path", run: () => copyText(models, pathText(row.path), "the path") },
  );
  if (row.level === 1) {
    const pinned = view.pins.value.includes(row.name);
    items.push({
      label: pinned ? "Unpin from timeline" : "Pin to timeline",
      run: () => preferences.pin(row.name),
    });
  }
  return items;
}
