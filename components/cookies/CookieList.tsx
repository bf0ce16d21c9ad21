/** The session cookies of the tab, grouped by host: one listbox with one tab stop. */
import "./cookies.css";
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { CookieGroup } from "../../extension/logic/cookie-rows.ts";
import { hasModifier, moveIndex, swallow } from "../common/list-keys.ts";
import { CookieOption } from "./CookieOption.tsx";

interface CookieListProps {
  groups: readonly CookieGroup[];
  selectedId: string | null;
  now: ReadonlySignal<number>;
  tenths: boolean;
  renewed: ReadonlySet<string>;
  /** What stands there when there is no cookie. */
  empty: ComponentChildren;
  onSelect: (id: string) => void;
  onDelete: (id: string) => void;
  onMenu: (id: string, at: HTMLElement) => void;
  onEdit: (id: string) => void;
  onCopy: (id: string) => void;
}

const PAGE = 8;

export function CookieList(props: CookieListProps) {
  const { groups, selectedId } = props;
  const list = useRef<HTMLDivElement>(null);
  const rows = groups.flatMap((group) => group.rows);
  const index = rows.findIndex((row) => row.cookie.id === selectedId);

  const hadFocus = useRef(false);
  useLayoutEffect(() => {
    // The option with the focus may have been deleted: the one selected instead takes it.
    if (hadFocus.current && document.activeElement === document.body && selectedId !== null) {
      focusOption(list.current, selectedId);
    }
  }, [selectedId]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const id = rows[index]?.cookie.id;
    if ((event.ctrlKey || event.metaKey) && event.key === "c" && id !== undefined) props.onCopy(id);
    if (hasModifier(event)) return;
    const next = rows[moveIndex(event.key, index, rows.length, PAGE) ?? -1];
    if (next !== undefined) {
      swallow(event);
      props.onSelect(next.cookie.id);
      focusOption(list.current, next.cookie.id);
      return;
    }
    if (id === undefined) return;
    if (event.key === "Delete") props.onDelete(id);
    else if (event.key === "Enter" || event.key === "F2") props.onEdit(id);
    else if (event.key === "ContextMenu" || (event.shiftKey && event.key === "F10")) openMenu(event, id);
    else return;
    swallow(event);
  };
  const openMenu = (event: KeyboardEvent, id: string): void => {
    if (event.target instanceof HTMLElement) props.onMenu(id, event.target);
  };

  const onFocus = (event: FocusEvent): void => {
    hadFocus.current = event.type === "focusin" || event.relatedTarget === null;
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
        <div key={group.host} class="cookie-group" role="group" aria-label={group.host}>
          <div class="cookie-host" aria-hidden="true">
            {group.host}
          </div>
          {group.rows.map((row) => (
            <CookieOption
              key={row.cookie.id}
              row={row}
              selected={row.cookie.id === selectedId}
              now={props.now}
              tenths={props.tenths}
              renewed={props.renewed.has(row.cookie.id)}
              onSelect={() => props.onSelect(row.cookie.id)}
              onMenu={(at) => props.onMenu(row.cookie.id, at)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

/** Gives an option the focus; it need not have the tab stop yet. */
function focusOption(list: HTMLElement | null, id: string): void {
  const options = [...(list?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
  options.find((option) => option.dataset["id"] === id)?.focus();
}
