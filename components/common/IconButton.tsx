/** A button that shows an icon; its name is always there for screen readers and in the title. */

export type IconName =
  | "record"
  | "clear"
  | "power"
  | "reload"
  | "forward"
  | "settings"
  | "copy"
  | "down"
  | "plus"
  | "trash"
  | "network"
  | "key"
  | "pin"
  | "more"
  | "undo"
  | "close"
  | "pencil"
  | "warning"
  | "clock"
  | "braces"
  | "camera"
  | "save";

interface IconProps {
  name: IconName;
}

/** A picture in the colour of the text around it. */
export function Icon({ name }: IconProps) {
  return <span class={`icon icon-${name}`} aria-hidden="true" />;
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick: (event: MouseEvent) => void;
  /** Present: a toggle, and whether it is on. */
  pressed?: boolean;
  /** Why it cannot be used now; the button then stays focusable and says so. */
  disabled?: string | null | undefined;
  /** Present: opens something, and whether it is open. */
  expanded?: boolean;
  tabIndex?: number;
  class?: string;
}

export function IconButton(props: IconButtonProps) {
  const { icon, label, pressed, disabled, expanded } = props;
  const off = typeof disabled === "string";
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ""}`}
      aria-label={label}
      title={off ? `${label}: ${disabled}` : label}
      aria-pressed={pressed}
      aria-disabled={off || undefined}
      aria-expanded={expanded}
      aria-haspopup={expanded === undefined ? undefined : "dialog"}
      tabIndex={props.tabIndex}
      onClick={(event) => {
        if (!off) props.onClick(event);
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
