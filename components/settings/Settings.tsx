/** What the user chooses for good: theme, which cookies, pinned keys. */
import "./settings.css";
import type { ReadonlySignal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { showUnseen } from "../../extension/logic/show-unseen.ts";

interface Chosen {
  theme: "auto" | "light" | "dark";
  watch: "session" | "all";
  pins: readonly string[];
  watchNames: readonly string[];
}

interface SettingsProps {
  /** Of the model: what is chosen, and choosing. */
  preferences: {
    value: ReadonlySignal<Chosen>;
    set(change: Partial<Pick<Chosen, "theme" | "watch">>): void;
    /** Lists cookies of this name no more, unless they are recognised. */
    unwatchName(name: string): void;
    /** Pins a key, or unpins it. */
    pin(key: string): void;
  };
}

const THEMES = [
  ["auto", "As DevTools"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;

/** The contents of its popover. */
export function Settings({ preferences }: SettingsProps) {
  const { theme, watch } = preferences.value.value;
  return (
    <div class="settings">
      <h2>Settings</h2>
      <fieldset>
        <legend>Theme</legend>
        {THEMES.map(([id, text]) => (
          <label key={id} class="check">
            <input
              type="radio"
              name="theme"
              checked={theme === id}
              onChange={() => preferences.set({ theme: id })}
            />
            {text}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Cookies</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={watch === "all"}
            onChange={(event) => preferences.set({ watch: event.currentTarget.checked ? "all" : "session" })}
          />
          Watch all cookies, not only sessions'
        </label>
        <WatchedNames preferences={preferences} />
      </fieldset>
      <Pins preferences={preferences} />
    </div>
  );
}

/** Cookies that are watched by name, which a notice offered. */
function WatchedNames({ preferences }: SettingsProps) {
  const { watchNames } = preferences.value.value;
  if (watchNames.length === 0) return null;
  return (
    <ul class="pins" aria-label="Watched by name">
      {watchNames.map((name) => (
        <li key={name}>
          <bdi class="mono">{showUnseen(name)}</bdi>
          <button
            type="button"
            class="icon-button"
            aria-label={`Stop watching ${showUnseen(name)}`}
            onClick={(event) => {
              // This button goes, and must not take the focus along.
              event.currentTarget.closest("fieldset")?.querySelector("input")?.focus();
              preferences.unwatchName(name);
            }}
          >
            <span class="icon icon-close" aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Pins({ preferences }: SettingsProps) {
  const { pins } = preferences.value.value;
  const [key, setKey] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const add = (): void => {
    if (key.trim() === "" || pins.includes(key.trim())) return;
    preferences.pin(key.trim());
    setKey("");
  };
  return (
    <fieldset>
      <legend>Pinned keys, as columns of the timeline</legend>
      <ul class="pins">
        {pins.map((pin) => (
          <li key={pin}>
            <bdi class="mono">{pin}</bdi>
            <button
              type="button"
              class="icon-button"
              aria-label={`Unpin ${pin}`}
              onClick={() => {
                // This button goes, and must not take the focus along.
                field.current?.focus();
                preferences.pin(pin);
              }}
            >
              <span class="icon icon-close" aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <div class="form-line">
        <input
          class="field"
          aria-label="Key to pin"
          placeholder="key"
          value={key}
          ref={field}
          onInput={(event) => setKey(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && add()}
        />
        <button type="button" class="button" onClick={add}>
          Pin
        </button>
      </div>
    </fieldset>
  );
}
