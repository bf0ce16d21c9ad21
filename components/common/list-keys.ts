/** How the arrow keys move in a list: one pure function for cookies, timeline and tree. */

/** The index that a key leads to, or null when the key does not move. `page` is the number of visible rows. */
export function moveIndex(key: string, index: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const clamp = (to: number): number => Math.min(count - 1, Math.max(0, to));
  if (key === "ArrowDown") return clamp(index + 1);
  if (key === "ArrowUp") return index === -1 ? count - 1 : clamp(index - 1);
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key === "PageDown") return clamp(index + Math.max(1, page - 1));
  if (key === "PageUp") return clamp(index - Math.max(1, page - 1));
  return null;
}

/** True when a key press carries a modifier that belongs to the browser or to DevTools. */
export function hasModifier(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

/** True for the keys that open the menu of a row. */
export function opensMenu(event: KeyboardEvent): boolean {
  return event.key === "ContextMenu" || (event.shiftKey && event.key === "F10");
}

/** Handles a key completely: neither the page nor DevTools, which listens on the document, may react to it as well. */
export function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
