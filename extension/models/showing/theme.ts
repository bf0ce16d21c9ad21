/** Which theme the panel wears: the user's choice, else DevTools' own, else the system's. */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { TabPort, ThemeName } from "../../ports/ports.ts";
import type { Preferences } from "./preferences.ts";

/** `forced` is null where `prefers-color-scheme` decides. */
export const ThemeModel = createModel((tab: TabPort, preferences: ReadonlySignal<Preferences>) => {
  const devtools = signal<ThemeName | null>(tab.theme());
  effect(() =>
    tab.watchTheme((theme) => {
      devtools.value = theme;
    }),
  );
  const forced = computed<ThemeName | null>(() => {
    const choice = preferences.value.theme;
    return choice === "auto" ? devtools.value : choice;
  });
  return { forced };
});
