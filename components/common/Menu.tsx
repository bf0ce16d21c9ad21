/** A menu that opens at an element: arrows move, Enter chooses, Escape closes and returns the focus. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { moveIndex, swallow } from "./list-keys.ts";
import { placeAt } from "./place-popover.ts";

export interface MenuItem {
  label: string;
  run: () => void;
  /** Why it cannot be chosen now. */
  off?: string | null;
}

interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  /** What it belongs to, and what gets the focus back. */
  at: HTMLElement;
  onClose: () => void;
}

export function Menu({ label, items, at, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = menu.current;
    if (element === null) return;
    element.showPopover?.();
    placeAt(element, at);
    element.querySelector<HTMLElement>("[role=menuitem]")?.focus();
  }, []);

  const close = (): void => {
    onClose();
    if (at.isConnected) at.focus({ preventScroll: true });
  };
  const choose = (item: MenuItem): void => {
    if (typeof item.off === "string") return;
    close();
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const { activeElement } = document;
    const index = activeElement instanceof HTMLElement ? buttons.indexOf(activeElement) : -1;
    const to = moveIndex(event.key, index, buttons.length, buttons.length);
    if (to !== null) buttons[to]?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    swallow(event);
  };

  return (
    <div
      class="menu"
      popover="auto"
      role="menu"
      aria-label={label}
      tabIndex={-1}
      ref={menu}
      onKeyDown={onKeyDown}
      onToggle={(event) => {
        if (event.newState === "closed") onClose();
      }}
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          aria-disabled={typeof item.off === "string" || undefined}
          title={item.off ?? undefined}
          onClick={(event) => {
            event.stopPropagation();
            choose(item);
          }}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}
