/** A small dialog below its button: native popover, so Escape and a click outside close it. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton, type IconName } from "./IconButton.tsx";
import { placeAt } from "./place-popover.ts";

interface PopoverProps {
  /** What its button shows: an icon, words or both. */
  icon?: IconName;
  text?: string;
  /** Names the button and the dialog. */
  label: string;
  /** Replaces the name in the button's title. */
  title?: string;
  /** True: an arrow says that the button opens something. */
  opens?: boolean;
  /** Why it cannot be opened now. */
  disabled?: string | null;
  /** What has to be read first; the dialog opens afterwards. */
  onOpen?: () => Promise<void>;
  /** Drawn only while it is open; `close` closes it. */
  children: (close: () => void) => ComponentChildren;
}

export function Popover(props: PopoverProps) {
  const { label, onOpen, children } = props;
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
        icon={props.icon}
        text={props.text}
        label={label}
        title={props.title}
        opens={props.opens}
        disabled={props.disabled}
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
