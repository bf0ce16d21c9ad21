/** Sets when the session expires: after some seconds, at a date, when the browser closes, or after the server's default age. */
import { useState } from "preact/hooks";

type ExpiryChoice =
  | { kind: "seconds"; seconds: number }
  | { kind: "at"; at: number }
  | { kind: "browser-close" }
  | { kind: "default" };

interface ExpiryFormProps {
  onSet: (choice: ExpiryChoice) => void;
}

/** The contents of its popover. */
export function ExpiryForm({ onSet }: ExpiryFormProps) {
  const [seconds, setSeconds] = useState("3600");
  const [date, setDate] = useState("");
  const whole = Number(seconds);
  const at = new Date(date).getTime();
  return (
    <div class="expiry-form">
      <h2>Set the session's expiry</h2>
      <p>The server's session and the browser's cookie are set together.</p>
      <div class="form-line">
        <label>
          In seconds
          <input
            class="field"
            type="number"
            min={1}
            value={seconds}
            onInput={(event) => setSeconds(event.currentTarget.value)}
          />
        </label>
        <button
          type="button"
          class="button"
          disabled={!Number.isSafeInteger(whole) || whole < 1}
          onClick={() => onSet({ kind: "seconds", seconds: whole })}
        >
          Set seconds
        </button>
      </div>
      <div class="form-line">
        <label>
          At a date and time
          <input
            class="field"
            type="datetime-local"
            step={1}
            value={date}
            onInput={(event) => setDate(event.currentTarget.value)}
          />
        </label>
        <button
          type="button"
          class="button"
          disabled={Number.isNaN(at)}
          onClick={() => onSet({ kind: "at", at })}
        >
          Set date
        </button>
      </div>
      <div class="popover-buttons">
        <button type="button" class="button" onClick={() => onSet({ kind: "browser-close" })}>
          When the browser closes
        </button>
        <button type="button" class="button" onClick={() => onSet({ kind: "default" })}>
          The server's default
        </button>
      </div>
    </div>
  );
}
