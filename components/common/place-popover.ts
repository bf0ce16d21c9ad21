/** Puts a popover below the element it belongs to, inside the panel. */

const GAP = 2;
const EDGE = 4;

/** Positions `popover` under `anchor`, or above it where there is more room. */
export function placeAt(popover: HTMLElement, anchor: HTMLElement): void {
  const box = anchor.getBoundingClientRect();
  const size = popover.getBoundingClientRect();
  const { innerWidth, innerHeight } = window;
  const left = Math.max(EDGE, Math.min(box.left, innerWidth - size.width - EDGE));
  const below = box.bottom + GAP;
  const fits = below + size.height <= innerHeight - EDGE;
  const top = fits
    ? below
    : Math.max(EDGE, Math.min(box.top - size.height - GAP, innerHeight - size.height - EDGE));
  popover.style.left = `${Math.round(left)}px`;
  popover.style.top = `${Math.round(top)}px`;
}
