/** What is around the demo, so that no one takes it for the page's own data: a line above it, and a border. */
import "./demo-frame.css";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface DemoFrameProps {
  onClose: () => void;
  children: ComponentChildren;
}

/** The frame. Its button has the focus when it appears. */
export function DemoFrame({ onClose, children }: DemoFrameProps) {
  const close = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => close.current?.focus(), []);
  return (
    <div class="demo-frame">
      <section class="demo-banner" aria-label="Demo">
        <span>
          <strong>Demo: invented data.</strong> None of it is from your page.
        </span>
        <button type="button" class="demo-close" ref={close} onClick={onClose}>
          Close demo
        </button>
      </section>
      {children}
    </div>
  );
}
