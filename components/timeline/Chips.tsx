/** Chips in one line: as many as fit, the most important first to stay, and `+3` for the rest. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { cutText } from "../../extension/logic/json/tree-rows.ts";
import { showUnruly } from "../../extension/logic/show-unseen.ts";
import type { Chip } from "../../extension/logic/timeline/chip.ts";
import { foldChips } from "../../extension/logic/timeline/fold-chips.ts";

interface ChipsProps {
  chips: readonly Chip[];
}

const MAX_CHIP = 60;
const MAX_TITLE = 2000;
const MAX_SENTENCE = 400;
/** Between two chips, as the style sheet has it. */
const GAP = 4;
/** What `+3` needs with its gap. */
const MORE = 34;

export function Chips({ chips }: ChipsProps) {
  const line = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const element = line.current;
    if (element === null || chips.length < 2) return;
    const fold = (): void => fitChips(element, chips);
    fold();
    return watchWidth(element, fold);
  }, [chips]);
  return (
    <span class="chips" ref={line} title={titleOf(chips.map(({ text }) => text).join("  "), MAX_TITLE)}>
      {chips.map((chip, index) => (
        <span
          key={`${index}${chip.text}`}
          class={`chip chip-${chip.kind}`}
          title={titleOf(chip.title, MAX_SENTENCE)}
        >
          <bdi>{cutText(chip.text, MAX_CHIP)}</bdi>
        </span>
      ))}
      {chips.length > 1 && <span class="chip chip-key chip-more" hidden />}
    </span>
  );
}

/** A title has no isolation: a key that turns its text around would turn what follows it, too. */
function titleOf(text: string, length: number): string {
  return showUnruly(cutText(text, length));
}

const fitting = new WeakMap<Element, () => void>();
// One observer for all rows: a thousand of them would cost more than the rows.
const observer =
  typeof ResizeObserver === "undefined"
    ? null
    : new ResizeObserver((entries) => {
        for (const { target } of entries) fitting.get(target)?.();
      });

function watchWidth(element: HTMLElement, fit: () => void): () => void {
  fitting.set(element, fit);
  observer?.observe(element);
  return () => {
    fitting.delete(element);
    observer?.unobserve(element);
  };
}

/** Hides the chips that do not fit, and counts them in the last one. */
function fitChips(line: HTMLElement, chips: readonly Chip[]): void {
  const elements = [...line.querySelectorAll<HTMLElement>(".chip:not(.chip-more)")];
  const more = line.querySelector<HTMLElement>(".chip-more");
  if (more === null) return;
  for (const element of elements) element.hidden = false;
  more.hidden = true;
  line.classList.remove("chips-folded");
  const width = line.clientWidth;
  if (width === 0 || line.scrollWidth <= width) return;
  const widths = elements.map((element) => element.getBoundingClientRect().width + GAP);
  const shown = foldChips(chips, widths, width - MORE);
  const folded = elements.filter((_, at) => !shown.has(at));
  for (const element of folded) element.hidden = true;
  line.classList.add("chips-folded");
  more.hidden = folded.length === 0;
  more.textContent = `+${folded.length}`;
  more.title = titleOf(folded.map((element) => element.textContent).join("  "), MAX_TITLE);
}
