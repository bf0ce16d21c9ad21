/** What the keys do in the tree: move, open, close, edit, delete, copy, pin. */
import type { TreeRow } from "../../extension/logic/json/tree-rows.ts";
import { hasModifier, moveIndex, opensMenu, swallow } from "../common/list-keys.ts";

/** What can be done to a row, by a key or with the pointer. */
export interface RowActions {
  /** Makes a row the active one, with the focus; nothing without a row. */
  activate: (row: TreeRow | undefined) => void;
  toggle: (id: string, open?: boolean) => void;
  edit: (row: TreeRow) => void;
  remove: (row: TreeRow) => void;
  copy: (row: TreeRow) => void;
  pin: (row: TreeRow) => void;
  openMenu: (row: TreeRow, at: HTMLElement) => void;
}

/** The rows when the key is pressed. */
interface Standing {
  rows: readonly TreeRow[];
  /** Index of the row with the tab stop. */
  stop: number;
  /** How many rows are visible. */
  page: number;
}

/** Does what a key promises. Typing into a field inside the tree is left to the field. */
export function pressTreeKey(event: KeyboardEvent, standing: Standing, actions: RowActions): void {
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
  const row = standing.rows[standing.stop];
  if (row === undefined) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "c" && String(getSelection()) === "")
    actions.copy(row);
  if (hasModifier(event)) return;
  if (act(event, row, standing, actions)) swallow(event);
}

/** True when the key did something. */
function act(event: KeyboardEvent, row: TreeRow, standing: Standing, actions: RowActions): boolean {
  const { rows, stop, page } = standing;
  const to = moveIndex(event.key, stop, rows.length, page);
  if (to !== null) actions.activate(rows[to]);
  else if (event.key === "ArrowRight" && row.expanded === false) actions.toggle(row.id, true);
  else if (event.key === "ArrowRight" && row.expanded) actions.activate(rows[stop + 1]);
  else if (event.key === "ArrowLeft" && row.expanded) actions.toggle(row.id, false);
  else if (event.key === "ArrowLeft")
    actions.activate(rows.findLast((each, at) => at < stop && each.level < row.level));
  else if (event.key === "Enter" || event.key === "F2") actions.edit(row);
  else if (event.key === "Delete") actions.remove(row);
  else if (event.key.toLowerCase() === "p") actions.pin(row);
  else if (opensMenu(event)) {
    if (event.target instanceof HTMLElement) actions.openMenu(row, event.target);
  } else return false;
  return true;
}
