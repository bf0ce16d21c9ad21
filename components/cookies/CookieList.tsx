/** The session cookies of the tab, grouped by host: one listbox with one tab stop. */
import "./cookies.css";
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { CookieGroup, CookieRow } from "../../extension/logic/cookie-rows.ts";
import { hasModifier, moveIndex, opensMenu, swallow } from "../common/list-keys.ts";
import { useFocusKept } from "../common/use-focus.ts";
import { CookieOption } from "./CookieOption.tsx";

interface CookieListProps {
  /** From the model: the rows, and which of them is selected. */
  cookies: {
    groups: ReadonlySignal<readonly CookieGroup[]>;
    selected: ReadonlySignal<CookieRow | null>;
    /** Ids of cookies whose expiry moved later at the last change. */
    renewed: ReadonlySignal<ReadonlySet<string>>;
    select(id: string): void;
  };
  now: ReadonlySignal<number>;
  /** What is shown when there is no cookie. */
  empty: ComponentChildren;
  onDelete: (row: CookieRow) => void;
  onMenu: (row: CookieRow, at: HTMLElement) => void;
  onEdit: (row: CookieRow) => void;
  onCopy: (row: CookieRow) => void;
}

const PAGE = 8;

/** The list, or what is shown in its place. */
export function CookieList(props: CookieListProps) {
  const { cookies } = props;
  const groups = cookies.groups.value;
  const selectedId = cookies.selected.value?.cookie.id ?? null;
  const list = useRef<HTMLDivElement>(null);
  const rows = groups.flatMap((group) => group.rows);
  const index = rows.findIndex((row) => row.cookie.id === selectedId);

  // The option with the focus may have been deleted: the one selected instead takes it.
  const onFocus = useFocusKept(
    selectedId,
    () => selectedId !== null && focusOption(list.current, selectedId),
  );

  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[index];
    if ((event.ctrlKey || event.metaKey) && event.key === "c" && row !== undefined) props.onCopy(row);
    if (hasModifier(event)) return;
    const next = rows[moveIndex(event.key, index, rows.length, PAGE) ?? -1];
    if (next !== undefined) {
      swallow(event);
      cookies.select(next.cookie.id);
      focusOption(list.current, next.cookie.id);
      return;
    }
    if (row === undefined) return;
    if (event.key === "Delete") props.onDelete(row);
    else if (event.key === "Enter" || event.key === "F2") props.onEdit(row);
    else if (opensMenu(event)) {
      if (event.target instanceof HTMLElement) props.onMenu(row, event.target);
    } else return;
    swallow(event);
  };

  if (rows.length === 0) return <div class="cookie-list">{props.empty}</div>;
  return (
    <div
      class="cookie-list"
      role="listbox"
      aria-label="Session cookies"
      ref={list}
      onKeyDown={onKeyDown}
      onFocusIn={onFocus}
      onFocusOut={onFocus}
    >
      {groups.map((group) => (
        <Group key={group.host} group={group} {...props} />
      ))}
    </div>
  );
}

function Group({ group, cookies, now, onMenu }: CookieListProps & { group: CookieGroup }) {
  const renewed = cookies.renewed.value;
  const selectedId = cookies.selected.value?.cookie.id;
  return (
    <div class="cookie-group" role="group" aria-label={group.host}>
      <div class="cookie-host" aria-hidden="true">
        {group.host}
      </div>
      {group.rows.map((row) => (
        <CookieOption
          key={row.cookie.id}
          row={row}
          selected={row.cookie.id === selectedId}
          now={now}
          renewed={renewed.has(row.cookie.id)}
          onSelect={() => cookies.select(row.cookie.id)}
          onMenu={(at) => onMenu(row, at)}
        />
      ))}
    </div>
  );
}

/** Focuses an option; it need not have the tab stop yet. */
function focusOption(list: HTMLElement | null, id: string): void {
  const options = [...(list?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
  options.find((option) => option.dataset["id"] === id)?.focus();
}
