/** A small dialog below its button: native popover, so Escape and a click outside close it. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton, type IconName } from "./IconButton.tsx";
import { placeAt } from "./place-popover.ts";

interface PopoverProps {
  icon: IconName;
  label: string;
  /** Why it cannot be opened now. */
  disabled?: string | null;
  /** What is to be known first; the dialog opens when it is. */
  onOpen?: () => Promise<void>;
  /** Drawn only while it is open; `close` closes it. */
  children: (close: () => void) => ComponentChildren;
}

export function Popover({ icon, label, disabled, onOpen, children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const holder = useRef<HTMLSpanElement>(null);
  const dialog = useRef<HTMLDivElement>(null);
  const button = (): HTMLElement | null => holder.current?.querySelector<HTMLElement>("button") ?? null;

  useLayoutEffect(() => {
    const element = dialog.current;
    const anchor = button();
    if (!open || element === null || anchor === null) return;
    element.showPopover?.();
    placeAt(element, anchor);
    (element.querySelector<HTMLElement>("input, button:enabled, select") ?? element).focus();
    const observer =
      typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => placeAt(element, anchor));
    observer?.observe(element);
    return () => observer?.disconnect();
  }, [open]);

  const close = (): void => {
    setOpen(false);
    button()?.focus();
  };

  return (
    <span class="popover-holder" ref={holder}>
      <IconButton
        icon={icon}
        label={label}
        disabled={disabled}
        expanded={open}
        onClick={() => {
          if (open) return close();
          Promise.resolve(onOpen?.()).finally(() => setOpen(true));
        }}
      />
      {open && (
        <div
          class="popover"
          popover="auto"
          role="dialog"
          aria-label={label}
          tabIndex={-1}
          ref={dialog}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key !== "Escape") return;
            event.preventDefault();
            close();
          }}
          onToggle={(event) => {
            if (event.newState !== "closed") return;
            setOpen(false);
            // Closed by Escape or by the page: nothing else has taken the focus then.
            if (document.activeElement === document.body || dialog.current?.contains(document.activeElement))
              button()?.focus();
          }}
        >
          {children(close)}
        </div>
      )}
    </span>
  );
}
