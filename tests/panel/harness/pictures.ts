/** The pictures that the README and the pages show. Apart from what renders them, so that a test can read them. */
import type { StateName } from "./names.ts";

export interface Picture {
  /** Of the file. */
  name: string;
  state: StateName;
  theme: "light" | "dark";
}

/** As wide as a bottom dock, and as high as the story, in CSS pixels. */
export const SIZE = { width: 1180, height: 360 };

/** The picture's pixels for one of CSS: sharp on most screens, and still a small file. */
export const SCALE = 1.5;

/** No picture is larger than this many bytes. */
export const MAX_BYTES = 200_000;

/** Every picture in `docs/pictures`. */
export const PICTURES: readonly Picture[] = [
  { name: "login", state: "demo", theme: "light" },
  { name: "login", state: "demo", theme: "dark" },
  { name: "editing", state: "editing", theme: "light" },
  { name: "why", state: "why", theme: "light" },
  { name: "django", state: "django-login", theme: "light" },
  { name: "devices", state: "devices", theme: "light" },
];

/** Name of a picture's file: `login-light.png`. */
export function fileOf({ name, theme }: Picture): string {
  return `${name}-${theme}.png`;
}
