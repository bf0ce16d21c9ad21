/** One line above contents that stay: what is wrong, or what is shown instead of the tab's own rows. */
import "./banner.css";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useFocusLeft } from "../common/use-focus.ts";

interface BannerProps {
  /** Name of the region. Default: "Connection". */
  label?: string;
  text: ComponentChildren;
  /** Text of the button; absent if there is nothing to do. */
  button?: string | undefined;
  onButton: () => void;
}

/** The line, with at most one button. */
export function Banner({ label = "Connection", text, button, onButton }: BannerProps) {
  const banner = useRef<HTMLElement>(null);
  useFocusLeft(() => banner.current);
  return (
    <section class="banner" aria-label={label} ref={banner}>
      <span class="banner-text">{text}</span>
      {button !== undefined && (
        <button type="button" class="banner-button" onClick={onButton}>
          {button}
        </button>
      )}
    </section>
  );
}
