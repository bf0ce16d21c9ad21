/**
 * Controls that show side by side in a wide panel, and behind one button with words in a narrow one. Which of the two, the style sheet
 * decides: behind the button they are a native popover, so Escape and a click outside close it.
 */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "./IconButton.tsx";
import { moveIndex, swallow } from "./list-keys.ts";
import { placeAt } from "./place-popover.ts";

interface FoldedGroupProps {
  /** Names the button and the group. */
  label: string;
  /** The controls; `fold` hides them behind the button again, where they were opened there. */
  children: (fold: () => void) => ComponentChildren;
}

export function FoldedGroup({ label, children }: FoldedGroupProps) {
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLSpanElement>(null);
  const group = useRef<HTMLDivElement>(null);
  const button = (): HTMLElement | null => holder.current?.querySelector<HTMLElement>("button") ?? null;

  useLayoutEffect(() => {
    const element = group.current;
    const anchor = button();
    if (!open || element === null || anchor === null) return;
    element.showPopover?.();
    placeAt(element, anchor);
    element.querySelector<HTMLElement>("button")?.focus();
  }, [open]);

  const fold = (): void => {
    if (!open) return;
    setOpen(false);
    button()?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open) return;
    const controls = [
      ...(group.current?.querySelectorAll<HTMLElement>(":scope > button, :scope > span > button") ?? []),
    ];
    const index = controls.findIndex((each) => each === document.activeElement);
    const to = moveIndex(event.key, index, controls.length, controls.length);
    if (to !== null) controls[to]?.focus();
    else if (event.key === "Escape") fold();
    else return;
    swallow(event);
  };

  return (
    <span class="folded" ref={holder}>
      <IconButton
        class="folded-button"
        label={label}
        text={label}
        opens
        expanded={open}
        onClick={() => (open ? fold() : setOpen(true))}
      />
      <div
        class="folded-group"
        role="group"
        aria-label={label}
        popover={open ? "auto" : undefined}
        ref={group}
        onKeyDown={onKeyDown}
        onToggle={(event) => {
          if (event.target === group.current && event.newState === "closed") setOpen(false);
        }}
      >
        {children(fold)}
      </div>
    </span>
  );
}
