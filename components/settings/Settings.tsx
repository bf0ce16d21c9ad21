/** What the user chooses permanently: theme, which cookies, pinned keys. */
import "./settings.css";
import type { ReadonlySignal } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { showUnseen } from "../../extension/logic/show-unseen.ts";

interface Chosen {
  theme: "auto" | "light" | "dark";
  watch: "session" | "all";
  /** Null: none was pinned by the user. */
  pins: readonly string[] | null;
  /** Those that the panel found and the user does not want. */
  unpinned: readonly string[];
  watchNames: readonly string[];
}

interface SettingsProps {
  /** From the model: what is chosen, and choosing. */
  preferences: {
    value: ReadonlySignal<Chosen>;
    set(change: Partial<Pick<Chosen, "theme" | "watch">>): void;
    /** Stops listing cookies of this name, unless they are recognised. */
    unwatchName(name: string): void;
  };
  /** The pinned keys: the user's, or those that were found. */
  pins: readonly string[];
  /** Pins a key, or unpins it. */
  onPin: (key: string) => void;
  /** Drops the user's choice of pins. */
  onLetPanelChoose: () => void;
}

const THEMES = [
  ["auto", "Same as DevTools"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;

/** The contents of its popover. */
export function Settings({ preferences, ...props }: SettingsProps) {
  const { theme, watch, pins, unpinned } = preferences.value.value;
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
          Watch all cookies, not only session cookies
        </label>
        <WatchedNames preferences={preferences} />
      </fieldset>
      <Pins {...props} isFound={pins === null} isChanged={pins !== null || unpinned.length > 0} />
    </div>
  );
}

/** Cookies that are watched by name, because a notice offered them. */
function WatchedNames({ preferences }: Pick<SettingsProps, "preferences">) {
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
              // This button disappears, and must not take the focus with it.
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

interface PinsProps extends Omit<SettingsProps, "preferences"> {
  /** True: the user pinned none. */
  isFound: boolean;
  /** True: the user pinned or unpinned one. */
  isChanged: boolean;
}

function Pins({ pins, isFound, isChanged, onPin, onLetPanelChoose }: PinsProps) {
  const [key, setKey] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const add = (): void => {
    if (key.trim() === "" || pins.includes(key.trim())) return;
    onPin(key.trim());
    setKey("");
  };
  return (
    <fieldset>
      <legend>Pinned keys, as columns of the timeline</legend>
      {isFound && <p class="dim">Until you pin a key, the panel chooses.</p>}
      <ul class="pins">
        {pins.map((pin) => (
          <li key={pin}>
            <bdi class="mono">{pin}</bdi>
            <button
              type="button"
              class="icon-button"
              aria-label={`Unpin ${showUnseen(pin)}`}
              onClick={() => {
                // This button disappears, and must not take the focus with it.
                field.current?.focus();
                onPin(pin);
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
          placeholder="key or path"
          value={key}
          ref={field}
          onInput={(event) => setKey(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && add()}
        />
        <button type="button" class="button" onClick={add}>
          Pin
        </button>
      </div>
      {isChanged && (
        <button
          type="button"
          class="button"
          title="Pins the keys that say who is logged in, and no others"
          onClick={() => {
            // This button disappears, and must not take the focus with it.
            field.current?.focus();
            onLetPanelChoose();
          }}
        >
          Let the panel choose
        </button>
      )}
    </fieldset>
  );
}
