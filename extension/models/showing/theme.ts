/** Which theme the panel uses: the user's choice, otherwise that of DevTools, otherwise that of the system. */
import { computed, createModel, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { TabPort, ThemeName } from "../../ports/ports.ts";
import type { Preferences } from "./preferences.ts";

/** `forced` is null if `prefers-color-scheme` decides. */
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
