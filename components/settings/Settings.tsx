/** What the user chooses for good: theme, which cookies, pinned keys. */
import "./settings.css";
import { useRef, useState } from "preact/hooks";

interface SettingsProps {
  theme: "auto" | "light" | "dark";
  watchAll: boolean;
  pins: readonly string[];
  onTheme: (theme: "auto" | "light" | "dark") => void;
  onWatchAll: (on: boolean) => void;
  onPin: (key: string) => void;
}

const THEMES = [
  ["auto", "As DevTools"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;

export function Settings(props: SettingsProps) {
  const [key, setKey] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const add = (): void => {
    if (key.trim() === "" || props.pins.includes(key.trim())) return;
    props.onPin(key.trim());
    setKey("");
  };
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
              checked={props.theme === id}
              onChange={() => props.onTheme(id)}
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
            checked={props.watchAll}
            onChange={(event) => props.onWatchAll(event.currentTarget.checked)}
          />
          Watch all cookies, not only sessions'
        </label>
      </fieldset>
      <fieldset>
        <legend>Pinned keys, as columns of the timeline</legend>
        <ul class="pins">
          {props.pins.map((pin) => (
            <li key={pin}>
              <bdi class="mono">{pin}</bdi>
              <button
                type="button"
                class="icon-button"
                aria-label={`Unpin ${pin}`}
                onClick={() => {
                  // This button goes, and must not take the focus along.
                  field.current?.focus();
                  props.onPin(pin);
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
    </div>
  );
}
