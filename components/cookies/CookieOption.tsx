/**
 * One cookie of the list: name and time left, below them which library wrote it, its flags and how much of its lifetime is left.
 */
import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type CookieRow, flagsText } from "../../extension/logic/cookie-rows.ts";
import { showUnseen } from "../../extension/logic/show-unseen.ts";
import { lifePhase, lifeShare } from "../../extension/logic/time-text.ts";
import { Icon } from "../common/IconButton.tsx";
import { MiddleText } from "../common/MiddleText.tsx";
import { Countdown } from "./Countdown.tsx";

interface CookieOptionProps {
  row: CookieRow;
  selected: boolean;
  now: ReadonlySignal<number>;
  /** True right after its expiry moved later. */
  renewed: boolean;
  /** Takes the focus when it is selected by a key. */
  onSelect: () => void;
  onMenu: (at: HTMLElement) => void;
}

/** An option of the list. */
export function CookieOption(props: CookieOptionProps) {
  const { row, selected, now, renewed } = props;
  const { cookie, wholeMs, origin } = row;
  const name = cookie.name === "" ? "(no name)" : showUnseen(cookie.name);
  const option = useRef<HTMLDivElement>(null);
  const { expiresAt } = cookie;
  const phase = useComputed(() => lifePhase(expiresAt === null ? null : expiresAt - now.value, wholeMs));
  const share = useComputed(() => {
    const left = expiresAt === null ? 0 : lifeShare(expiresAt - now.value, wholeMs);
    return `width:${(Math.round(left * 200) / 2).toFixed(1)}%`;
  });
  const by = origin?.by ? `${origin.source} set by ${origin.by}` : (origin?.source ?? undefined);
  useFlash(option, renewed, expiresAt);
  return (
    <div
      class="cookie"
      role="option"
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      data-phase={phase}
      data-id={cookie.id}
      ref={option}
      onClick={props.onSelect}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onSelect();
        props.onMenu(event.currentTarget);
      }}
    >
      <b class="cookie-name" title={showUnseen(cookie.name)} {...wholeFor(name)}>
        <MiddleText text={name} most={13} />
      </b>
      <span class="cookie-left">
        <Countdown expiresAt={expiresAt} now={now} source={by} />
      </span>
      {row.problem === null ? (
        <Flags row={row} />
      ) : (
        <small class="cookie-problem" title={row.problem}>
          <Icon name="warning" />
          {row.problem}
        </small>
      )}
      <span class="meter" aria-hidden="true">
        {expiresAt !== null && <span class="meter-left" style={share} />}
      </span>
    </div>
  );
}

function Flags({ row: { cookie } }: { row: CookieRow }) {
  const flags = flagsText(cookie);
  if (cookie.path === "/")
    return (
      <small class="cookie-flags" title={flags}>
        {flags}
      </small>
    );
  return (
    <small class="cookie-flags" title={flags} {...wholeFor(flags)}>
      <MiddleText text={flags} most={12} />
    </small>
  );
}

/** Has a text that is shown in two pieces read as one. An option has no inner roles, so no image is announced. */
function wholeFor(text: string): { role: "img"; "aria-label": string } {
  return { role: "img", "aria-label": text };
}

/** Flashes an element once when `on`, and again for each new `occasion`. */
function useFlash(element: { current: HTMLElement | null }, on: boolean, occasion: unknown): void {
  useEffect(() => {
    if (!on || element.current === null) return;
    const target = element.current;
    target.classList.remove("flash");
    // Reading a size restarts the animation.
    target.getBoundingClientRect();
    target.classList.add("flash");
  }, [on, occasion]);
}
