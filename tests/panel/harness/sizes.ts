/** The sizes at which the panel is looked at and measured. */

export interface PanelSize {
  name: string;
  /** CSS pixels. */
  width: number;
  height: number;
  /** Device pixels for each CSS pixel. */
  zoom: 1 | 2;
}

/**
 * Wide and low for a bottom dock, high for a side dock.
 *
 * Zoom in DevTools makes CSS pixels larger and leaves fewer of them: at 200 % a panel of 760 × 640 pixels has 380 × 320 CSS pixels,
 * two device pixels each. Playwright cannot press Ctrl +, so a page of that size shows what the zoom shows.
 */
export const SIZES: readonly PanelSize[] = [
  { name: "wide", width: 1600, height: 420, zoom: 1 },
  { name: "dock", width: 1600, height: 280, zoom: 1 },
  { name: "middle", width: 700, height: 480, zoom: 1 },
  { name: "narrow", width: 380, height: 640, zoom: 1 },
  { name: "zoomed", width: 380, height: 320, zoom: 2 },
];
