/** A button that shows an icon, words or both; its name is always there for screen readers and in the title. */

export type IconName =
  | "record"
  | "clear"
  | "window"
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
  | "save"
  | "open";

interface IconProps {
  name: IconName;
}

/** A picture in the colour of the text around it. */
export function Icon({ name }: IconProps) {
  return <span class={`icon icon-${name}`} aria-hidden="true" />;
}

interface IconButtonProps {
  /** Absent: words alone. */
  icon?: IconName | undefined;
  /** The name. Where `text` shows, it contains that, so that the button can be called by what is read on it. */
  label: string;
  /** Words that show next to the icon; absent: the icon alone. */
  text?: string | undefined;
  /** Replaces the name in the title. */
  title?: string | undefined;
  /** True: an arrow says that the button opens something. */
  opens?: boolean | undefined;
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
  const { icon, label, text, title = label, pressed, disabled, expanded } = props;
  const off = typeof disabled === "string";
  const classes = ["icon-button", text !== undefined && "text-button", props.class].filter(Boolean).join(" ");
  return (
    <button
      type="button"
      class={classes}
      aria-label={label}
      title={off ? `${label}: ${disabled}` : title}
      aria-pressed={pressed}
      aria-disabled={off || undefined}
      aria-expanded={expanded}
      aria-haspopup={expanded === undefined ? undefined : "dialog"}
      tabIndex={props.tabIndex}
      onClick={(event) => {
        if (!off) props.onClick(event);
      }}
    >
      {icon !== undefined && <Icon name={icon} />}
      {text}
      {props.opens === true && <Icon name="open" />}
    </button>
  );
}
