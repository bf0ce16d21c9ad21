/** Which kinds of requests are shown: a box for each. */
import { KINDS, type Kind } from "../../extension/logic/timeline/kinds.ts";

interface KindsProps {
  shown: readonly Kind[];
  onChange: (shown: readonly Kind[]) => void;
}

/** The contents of its popover. */
export function Kinds({ shown, onChange }: KindsProps) {
  const all = KINDS.map(({ name }) => name);
  return (
    <fieldset class="kinds">
      <legend>Kinds of requests to show</legend>
      {KINDS.map(({ name, label }) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={shown.includes(name)}
            onChange={({ currentTarget: { checked } }) =>
              onChange(all.filter((each) => (each === name ? checked : shown.includes(each))))
            }
          />
          {label}
        </label>
      ))}
      <p>
        A request is always shown if it changed or saved the session, set a cookie or failed without a
        response, or if its trace is incomplete or did not arrive.
      </p>
      <button type="button" class="button" onClick={() => onChange(all)}>
        Show all kinds
      </button>
    </fieldset>
  );
}
