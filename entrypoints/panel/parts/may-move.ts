/** Whether things may move: the system's setting, asked each time because it can change. */

/** True when the last seconds of a countdown may show running tenths. */
export function wantsTenths(): boolean {
  return !matchMedia("(prefers-reduced-motion: reduce)").matches;
}
