/** Rows of a grid, identified by `data-id`; one of them has the tab stop. */

/** The id of the row that an event happened in, or null. */
export function rowIdOf(event: Event): string | null {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-id]") : null;
  return row?.dataset["id"] ?? null;
}

/** Gives the focus to the row with the tab stop. */
export function focusRow(grid: HTMLElement | null): void {
  grid?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus({ preventScroll: true });
}
