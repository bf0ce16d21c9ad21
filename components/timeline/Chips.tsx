/** Chips in one line: as many as fit, and `+3` for the rest. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { cutText } from "../../extension/logic/json/tree-rows.ts";
import type { Chip } from "../../extension/logic/timeline/chip.ts";

interface ChipsProps {
  chips: readonly Chip[];
}

const MAX_CHIP = 60;

export function Chips({ chips }: ChipsProps) {
  const line = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const element = line.current;
    if (element === null || chips.length < 2) return;
    fitChips(element);
    return watchWidth(element);
  }, [chips]);
  return (
    <span class="chips" ref={line}>
      {chips.map((chip, index) => (
        <span key={`${index}${chip.text}`} class={`chip chip-${chip.kind}`} title={cutText(chip.title, 400)}>
          <bdi>{cutText(chip.text, MAX_CHIP)}</bdi>
        </span>
      ))}
      {chips.length > 1 && <span class="chip chip-key chip-more" hidden />}
    </span>
  );
}

const fitting = new WeakMap<Element, () => void>();
// One observer for all rows: a thousand of them would cost more than the rows.
const observer =
  typeof ResizeObserver === "undefined"
    ? null
    : new ResizeObserver((entries) => {
        for (const { target } of entries) fitting.get(target)?.();
      });

function watchWidth(element: HTMLElement): () => void {
  fitting.set(element, () => fitChips(element));
  observer?.observe(element);
  return () => {
    fitting.delete(element);
    observer?.unobserve(element);
  };
}

/** Hides the chips that do not fit, and counts them in the last one. */
function fitChips(line: HTMLElement): void {
  const chips = [...line.querySelectorAll<HTMLElement>(".chip:not(.chip-more)")];
  const more = line.querySelector<HTMLElement>(".chip-more");
  if (more === null) return;
  for (const chip of chips) chip.hidden = false;
  more.hidden = true;
  const width = line.clientWidth;
  if (width === 0 || line.scrollWidth <= width) return;
  const start = line.getBoundingClientRect().left;
  const ends = chips.map((chip) => chip.getBoundingClientRect().right - start);
  const room = width - 34;
  const shown = Math.max(1, ends.filter((end) => end <= room).length);
  chips.forEach((chip, index) => {
    chip.hidden = index >= shown;
  });
  more.hidden = shown === chips.length;
  more.textContent = `+${chips.length - shown}`;
  more.title = chips
    .slice(shown)
    .map((chip) => chip.textContent)
    .join("  ");
}
